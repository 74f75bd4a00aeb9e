#include "compiler/Weights/Safetensors.h"
#include "compiler/Weights/JsonCursor.h"
#include <algorithm>
#include <optional>
#include <simdjson.h>
#include <tuple>
#include <utility>

namespace ssmc::weights {
namespace {

struct DTypeRow {
  DType dtype;
  std::string_view spelling;
  uint64_t width;
};
constexpr DTypeRow dtypes[] = {
    {DType::BF16, "BF16", 2}, {DType::F16, "F16", 2}, {DType::F32, "F32", 4},
    {DType::F64, "F64", 8},   {DType::I8, "I8", 1},   {DType::I16, "I16", 2},
    {DType::I32, "I32", 4},   {DType::I64, "I64", 8}, {DType::U8, "U8", 1},
    {DType::BOOL, "BOOL", 1},
};

std::optional<DType> parseDType(std::string_view text) {
  for (const DTypeRow &row : dtypes)
    if (row.spelling == text)
      return row.dtype;
  return std::nullopt;
}

/// One header being read. Offsets are kept relative to the data section until
/// its extent is known to be right.
class HeaderReader {
public:
  HeaderReader(std::string_view header, uint64_t dataBytes)
      : cursor(header), dataBytes(dataBytes) {}

  bool read(std::vector<NamedTensor> &out, std::string &error);

private:
  bool member(const std::string &name);
  bool metadata();
  bool tensor(const std::string &name);
  bool checkExtent(const std::string &name, TensorView &view, uint64_t begin,
                   uint64_t end);
  bool checkUnique();
  bool checkTiling();
  bool fail(std::string message) {
    if (this->message.empty())
      this->message = std::move(message);
    return false;
  }

  JsonCursor cursor;
  uint64_t dataBytes;
  std::vector<NamedTensor> tensors;
  bool hasMetadata = false;
  std::string message;
};

bool HeaderReader::metadata() {
  if (std::exchange(hasMetadata, true))
    return fail("expected one '__metadata__', got a second");
  std::vector<std::string> keys;
  if (!cursor.object(maxNameBytes, [&](const std::string &key) {
        keys.push_back(key);
        return cursor.string(nullptr);
      }))
    return false;
  std::sort(keys.begin(), keys.end());
  auto twice = std::adjacent_find(keys.begin(), keys.end());
  return twice == keys.end() ||
         fail("expected '__metadata__' keys to be unique, got " +
              quote(*twice) + " twice");
}

bool HeaderReader::checkExtent(const std::string &name, TensorView &view,
                               uint64_t begin, uint64_t end) {
  uint64_t bytes = byteWidth(view.dtype);
  for (uint64_t extent : view.shape)
    if (__builtin_mul_overflow(bytes, extent, &bytes))
      return fail("tensor " + quote(name) +
                  ": expected a size below 2^64 bytes, got shape " +
                  shapeText(view.shape));
  if (begin > end || end > dataBytes)
    return fail("tensor " + quote(name) +
                ": expected data_offsets inside the " +
                std::to_string(dataBytes) + " bytes of data, got [" +
                std::to_string(begin) + ", " + std::to_string(end) + ")");
  if (end - begin != bytes)
    return fail("tensor " + quote(name) + ": expected " +
                std::to_string(bytes) + " bytes for " +
                std::string(spelling(view.dtype)) + " " +
                shapeText(view.shape) + ", got " + std::to_string(end - begin));
  view.bytes = bytes;
  view.fileOffset = begin;
  return true;
}

bool HeaderReader::tensor(const std::string &name) {
  if (tensors.size() == maxTensors)
    return fail("expected at most " + std::to_string(maxTensors) + " tensors");
  std::optional<DType> dtype;
  bool hasShape = false, hasOffsets = false;
  std::vector<uint64_t> shape, offsets;
  auto integers = [&](std::vector<uint64_t> &list, size_t limit) {
    return cursor.array([&] {
      return list.size() == limit
                 ? cursor.fail("at most " + std::to_string(limit) + " integers")
                 : cursor.unsignedInteger(list.emplace_back());
    });
  };
  auto field = [&](const std::string &key) {
    if (key == "dtype" && !dtype) {
      std::string text;
      if (!cursor.string(&text, 16))
        return false;
      dtype = parseDType(text);
      return dtype || fail("tensor " + quote(name) +
                           ": expected dtype BF16, F16, F32, F64, I8, I16, "
                           "I32, I64, U8 or BOOL, got " +
                           quote(text));
    }
    if (key == "shape" && !std::exchange(hasShape, true))
      return integers(shape, maxRank);
    if (key == "data_offsets" && !std::exchange(hasOffsets, true))
      return integers(offsets, 2);
    return fail("tensor " + quote(name) +
                ": expected 'dtype', 'shape' and 'data_offsets' once each, "
                "got " +
                quote(key));
  };
  if (!cursor.object(maxNameBytes, field))
    return false;
  if (!dtype || !hasShape || offsets.size() != 2)
    return fail("tensor " + quote(name) +
                ": expected a dtype, a shape and two data_offsets");
  TensorView view{*dtype, std::move(shape), nullptr, 0, "", 0};
  if (!checkExtent(name, view, offsets[0], offsets[1]))
    return false;
  tensors.push_back({name, std::move(view)});
  return true;
}

bool HeaderReader::checkUnique() {
  std::sort(tensors.begin(), tensors.end(),
            [](auto &a, auto &b) { return a.name < b.name; });
  auto twice =
      std::adjacent_find(tensors.begin(), tensors.end(),
                         [](auto &a, auto &b) { return a.name == b.name; });
  return twice == tensors.end() ||
         fail("expected tensor names to be unique, got " + quote(twice->name) +
              " twice");
}

/// The tensors must cover the data without gap or overlap: bytes that belong to
/// no tensor, or to two, mean that the writer and this reader disagree.
bool HeaderReader::checkTiling() {
  std::vector<const NamedTensor *> order;
  order.reserve(tensors.size());
  for (const NamedTensor &tensor : tensors)
    order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](auto *a, auto *b) {
    return std::tie(a->view.fileOffset, a->view.bytes) <
           std::tie(b->view.fileOffset, b->view.bytes);
  });
  uint64_t covered = 0;
  for (const NamedTensor *tensor : order) {
    if (tensor->view.fileOffset != covered)
      return fail("tensor " + quote(tensor->name) +
                  ": expected its data at offset " + std::to_string(covered) +
                  ", where the one before ends, got " +
                  std::to_string(tensor->view.fileOffset));
    covered += tensor->view.bytes;
  }
  return covered == dataBytes ||
         fail("expected the tensors to cover " + std::to_string(dataBytes) +
              " bytes of data, got " + std::to_string(covered));
}

bool HeaderReader::member(const std::string &name) {
  return name == "__metadata__" ? metadata() : tensor(name);
}

bool HeaderReader::read(std::vector<NamedTensor> &out, std::string &error) {
  bool ok = cursor.object(
      maxNameBytes, [&](const std::string &name) { return member(name); });
  if (ok && cursor.rest().find_first_not_of(' ') != std::string_view::npos)
    ok = fail("expected only spaces after the header's object at byte " +
              std::to_string(cursor.offset()));
  ok = ok && checkUnique() && checkTiling();
  if (!ok) {
    error = message.empty() ? cursor.error() : message;
    return false;
  }
  out = std::move(tensors);
  return true;
}

} // namespace

std::string_view spelling(DType dtype) {
  return dtypes[static_cast<size_t>(dtype)].spelling;
}

uint64_t byteWidth(DType dtype) {
  return dtypes[static_cast<size_t>(dtype)].width;
}

std::string shapeText(const std::vector<uint64_t> &shape) {
  if (shape.empty())
    return "scalar";
  std::string text = std::to_string(shape[0]);
  for (size_t i = 1; i < shape.size(); ++i)
    text += "x" + std::to_string(shape[i]);
  return text;
}

static bool parse(const uint8_t *data, uint64_t size, const std::string &file,
                  std::vector<NamedTensor> &out, std::string &error) {
  if (size < 8) {
    error = "expected at least 8 bytes, got " + std::to_string(size);
    return false;
  }
  uint64_t headerBytes = 0;
  for (int i = 7; i >= 0; --i)
    headerBytes = headerBytes << 8 | data[i];
  uint64_t limit = std::min(maxHeaderBytes, size - 8);
  if (headerBytes > limit) {
    error = "expected a header of at most " + std::to_string(limit) +
            " bytes, got " + std::to_string(headerBytes);
    return false;
  }
  // A private copy: what was checked is what is used, whoever writes the file.
  std::string header(reinterpret_cast<const char *>(data + 8), headerBytes);
  if (header.empty() || header[0] != '{') {
    error = "expected the header to begin with '{'";
    return false;
  }
  if (!simdjson::validate_utf8(header.data(), header.size())) {
    error = "expected the header to be UTF-8";
    return false;
  }
  std::vector<NamedTensor> tensors;
  uint64_t dataStart = 8 + headerBytes;
  if (!HeaderReader(header, size - dataStart).read(tensors, error))
    return false;
  for (NamedTensor &tensor : tensors) {
    tensor.view.fileOffset += dataStart;
    tensor.view.data = data + tensor.view.fileOffset;
    tensor.view.file = file;
  }
  out = std::move(tensors);
  return true;
}

bool parseSafetensors(const uint8_t *data, uint64_t size,
                      const std::string &file, std::vector<NamedTensor> &out,
                      std::string &error) {
  if (parse(data, size, file, out, error))
    return true;
  error = file + ": " + error;
  return false;
}

} // namespace ssmc::weights
