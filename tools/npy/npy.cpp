#include "tools/npy/npy.h"
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace ssmc {
namespace {

struct Element {
  ssmc_dtype dtype;
  size_t size;
  std::string_view descr;
};
constexpr Element elements[] = {
    {SSMC_F32, 4, "<f4"}, {SSMC_F64, 8, "<f8"}, {SSMC_I32, 4, "<i4"},
    {SSMC_I64, 8, "<i8"}, {SSMC_U8, 1, "|u1"},
};

/// numpy pads headers to 64 bytes and refuses ones above 10 000 unless told; a
/// header of this format with SSMC_MAX_RANK extents needs about 300.
constexpr size_t maxHeaderBytes = 10000;
constexpr std::string_view magic("\x93NUMPY", 6);

/// Numbers are read and written in place.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "written for little-endian machines");

class File {
public:
  explicit File(int descriptor) : descriptor(descriptor) {}
  File(const File &) = delete;
  File &operator=(const File &) = delete;
  ~File() {
    if (descriptor >= 0)
      ::close(descriptor);
  }
  explicit operator bool() const { return descriptor >= 0; }
  int get() const { return descriptor; }

  /// Reads exactly `size` bytes; false with errno 0 if the file ends before.
  bool read(void *data, size_t size) {
    auto *next = static_cast<char *>(data);
    while (size) {
      ssize_t count = ::read(descriptor, next, size);
      if (count < 0 && errno == EINTR)
        continue;
      if (count <= 0) {
        errno = count ? errno : 0;
        return false;
      }
      next += count;
      size -= count;
    }
    return true;
  }
  bool write(const void *data, size_t size) {
    auto *next = static_cast<const char *>(data);
    while (size) {
      ssize_t count = ::write(descriptor, next, size);
      if (count < 0 && errno == EINTR)
        continue;
      if (count < 0)
        return false;
      next += count;
      size -= count;
    }
    return true;
  }
  /// Some file systems report a full disk only here.
  bool close() {
    int result = ::close(descriptor);
    descriptor = -1;
    return result == 0;
  }

private:
  int descriptor;
};

struct Header {
  const Element *element = nullptr;
  std::vector<int64_t> shape;
};

/// Reads the header's text, a Python dict literal with exactly the keys
/// 'descr', 'fortran_order' and 'shape'.
class HeaderParser {
public:
  HeaderParser(std::string_view text, std::string &error)
      : rest(text), error(error) {}

  bool parse(Header &header) {
    bool seen[3] = {};
    if (!expect("{"))
      return false;
    while (!accept("}")) {
      std::string key;
      if (!parseString(key) || !expect(":") || !parseValue(key, header, seen))
        return false;
      if (!accept(",")) {
        if (!expect("}"))
          return false;
        break;
      }
    }
    skipSpace();
    if (!rest.empty())
      return fail("expected the header to end after '}', got " + where());
    constexpr const char *keys[] = {"descr", "fortran_order", "shape"};
    for (int i = 0; i < 3; ++i)
      if (!seen[i])
        return fail(std::string("expected header key '") + keys[i] +
                    "', found none");
    return true;
  }

private:
  bool fail(std::string message) {
    error = std::move(message);
    return false;
  }
  std::string where() const {
    if (rest.empty())
      return "the end of the header";
    std::string text = "'";
    for (char c : rest.substr(0, std::min<size_t>(16, rest.find('\n'))))
      text += c >= ' ' && c <= '~' ? c : '?';
    return text + "'";
  }
  void skipSpace() {
    while (!rest.empty() &&
           (rest[0] == ' ' || rest[0] == '\n' || rest[0] == '\t'))
      rest.remove_prefix(1);
  }
  bool accept(std::string_view token) {
    skipSpace();
    if (rest.substr(0, token.size()) != token)
      return false;
    rest.remove_prefix(token.size());
    return true;
  }
  bool expect(std::string_view token) {
    return accept(token) || fail("expected '" + std::string(token) +
                                 "' in the header, got " + where());
  }

  bool parseString(std::string &text) {
    skipSpace();
    if (rest.empty() || (rest[0] != '\'' && rest[0] != '"'))
      return fail("expected a string in the header, got " + where());
    size_t end = rest.find(rest[0], 1);
    if (end == std::string_view::npos)
      return fail("expected a closing quote in the header, got " + where());
    text = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    return true;
  }

  bool parseValue(const std::string &key, Header &header, bool *seen) {
    int index = key == "descr"           ? 0
                : key == "fortran_order" ? 1
                : key == "shape"         ? 2
                                         : -1;
    if (index < 0)
      return fail("expected header key 'descr', 'fortran_order' or 'shape', "
                  "got '" +
                  key.substr(0, 32) + "'");
    if (seen[index])
      return fail("expected header key '" + key + "' once, got it twice");
    seen[index] = true;
    return index == 0   ? parseDescr(header)
           : index == 1 ? parseOrder()
                        : parseShape(header);
  }

  bool parseDescr(Header &header) {
    if (accept("["))
      return fail("expected one element type, got a structured array");
    std::string descr;
    if (!parseString(descr))
      return false;
    for (const Element &element : elements)
      if (descr == element.descr)
        header.element = &element;
    if (!header.element && descr == "<u1")
      header.element = &elements[4];
    if (header.element)
      return true;
    if (!descr.empty() && descr[0] == '>')
      return fail("expected little-endian elements, got '" +
                  descr.substr(0, 32) + "'");
    return fail("expected element type '<f4', '<f8', '<i4', '<i8' or '|u1', "
                "got '" +
                descr.substr(0, 32) + "'");
  }

  bool parseOrder() {
    if (accept("False"))
      return true;
    if (accept("True"))
      return fail("expected an array in C order, got Fortran order (save "
                  "numpy.ascontiguousarray(x))");
    return fail("expected True or False for 'fortran_order', got " + where());
  }

  bool parseShape(Header &header) {
    if (!expect("("))
      return false;
    bool comma = true;
    while (!accept(")")) {
      if (!comma)
        return fail("expected ',' or ')' in the shape, got " + where());
      int64_t extent = 0;
      if (!parseExtent(extent))
        return false;
      if (header.shape.size() == SSMC_MAX_RANK)
        return fail("expected at most " + std::to_string(SSMC_MAX_RANK) +
                    " extents, got more");
      header.shape.push_back(extent);
      comma = accept(",");
    }
    // `(3)` is a number in Python, not a shape.
    if (header.shape.size() == 1 && !comma)
      return fail("expected ',' after the only extent of the shape");
    return true;
  }

  bool parseExtent(int64_t &extent) {
    skipSpace();
    size_t digits = 0;
    while (digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9')
      ++digits;
    if (!digits)
      return fail("expected an extent in the shape, got " + where());
    if (digits > 18)
      return fail("expected an extent below 10^18, got " + where());
    for (size_t i = 0; i < digits; ++i)
      extent = extent * 10 + (rest[i] - '0');
    rest.remove_prefix(digits);
    return true;
  }

  std::string_view rest;
  std::string &error;
};

/// Bytes of `shape`'s elements; none if they do not fit 62 bits or an extent is
/// negative.
std::optional<size_t> byteCount(const std::vector<int64_t> &shape,
                                size_t elementSize) {
  bool empty = false;
  for (int64_t extent : shape) {
    if (extent < 0)
      return std::nullopt;
    empty |= extent == 0;
  }
  // A zero extent makes the product zero, however large the others are.
  if (empty)
    return 0;
  uint64_t count = elementSize;
  for (int64_t extent : shape) {
    if (count > (uint64_t(1) << 62) / extent)
      return std::nullopt;
    count *= extent;
  }
  return count;
}

bool fail(std::string &error, std::string message) {
  error = std::move(message);
  return false;
}

std::string systemError(const char *verb) {
  return std::string("cannot ") + verb + ": " + std::strerror(errno);
}

/// Reads from memory as `File` reads from a descriptor.
class Memory {
public:
  Memory(const void *data, size_t size)
      : next(static_cast<const char *>(data)), left(size) {}
  bool read(void *data, size_t size) {
    errno = 0;
    if (size > left)
      return false;
    std::copy_n(next, size, static_cast<char *>(data));
    next += size;
    left -= size;
    return true;
  }

private:
  const char *next;
  size_t left;
};

/// Reads the array that `file`, of `fileSize` bytes, holds.
template <typename Source>
bool readArray(Source &file, uint64_t fileSize, NpyArray &out,
               std::string &error) {
  // Version 1 counts the header's bytes in two bytes, later ones in four.
  std::array<unsigned char, 12> start{};
  if (fileSize < 10 || !file.read(start.data(), 10) ||
      std::memcmp(start.data(), magic.data(), magic.size()))
    return fail(error, "expected a .npy file, got other bytes");
  unsigned major = start[6], minor = start[7];
  if (major < 1 || major > 3 || minor != 0)
    return fail(error, "expected .npy version 1.0, 2.0 or 3.0, got " +
                           std::to_string(major) + "." + std::to_string(minor));
  uint64_t headerStart = major == 1 ? 10 : 12;
  uint64_t headerSize = start[8] | start[9] << 8;
  if (major > 1) {
    if (!file.read(&start[10], 2))
      return fail(error, "expected a header, got the end of the file");
    headerSize |= uint64_t(start[10]) << 16 | uint64_t(start[11]) << 24;
  }
  if (headerSize > maxHeaderBytes)
    return fail(error, "expected a header of at most " +
                           std::to_string(maxHeaderBytes) + " bytes, got " +
                           std::to_string(headerSize));
  if (headerSize > fileSize - headerStart)
    return fail(error, "expected a header of " + std::to_string(headerSize) +
                           " bytes, got the end of the file");
  std::string text(headerSize, '\0');
  if (!file.read(text.data(), text.size()))
    return fail(error, systemError("read"));
  Header header;
  if (!HeaderParser(text, error).parse(header))
    return false;

  std::optional<size_t> bytes = byteCount(header.shape, header.element->size);
  uint64_t rest = fileSize - headerStart - headerSize;
  if (!bytes || *bytes != rest)
    return fail(error, "expected " +
                           (bytes ? std::to_string(*bytes) : "over 2^62") +
                           " bytes of elements, got " + std::to_string(rest));
  std::vector<std::byte> data(*bytes);
  if (!file.read(data.data(), data.size()))
    return fail(error,
                errno ? systemError("read") : "the file was cut while read");
  out = {header.element->dtype, std::move(header.shape), std::move(data)};
  return true;
}

bool readFile(const std::string &path, NpyArray &out, std::string &error) {
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file)
    return fail(error, systemError("open"));
  struct stat info;
  if (::fstat(file.get(), &info))
    return fail(error, systemError("open"));
  if (!S_ISREG(info.st_mode))
    return fail(error, "expected a regular file");
  return readArray(file, info.st_size, out, error);
}

std::string makeHeader(const NpyArray &array, const Element &element) {
  std::string text = "{'descr': '" + std::string(element.descr) +
                     "', 'fortran_order': False, 'shape': (";
  for (size_t i = 0; i < array.shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(array.shape[i]);
  text += array.shape.size() == 1 ? ",), }" : "), }";
  // Magic, version, length and text together fill a multiple of 64 bytes.
  text.append(63 - (10 + text.size()) % 64, ' ');
  text += '\n';
  std::string header(magic);
  header += {'\1', '\0', static_cast<char>(text.size() & 0xff),
             static_cast<char>(text.size() >> 8)};
  return header + text;
}

const Element *findElement(ssmc_dtype dtype) {
  for (const Element &candidate : elements)
    if (candidate.dtype == dtype)
      return &candidate;
  return nullptr;
}

bool writeFile(const std::string &path, const NpyArray &array,
               std::string &error) {
  const Element *element = findElement(array.dtype);
  if (!element)
    return fail(error, "expected f32, f64, i32, i64 or u8, got another type");
  if (array.shape.size() > SSMC_MAX_RANK)
    return fail(error, "expected at most " + std::to_string(SSMC_MAX_RANK) +
                           " extents, got " +
                           std::to_string(array.shape.size()));
  std::optional<size_t> bytes = byteCount(array.shape, element->size);
  if (!bytes || *bytes != array.data.size())
    return fail(error, "expected data of the shape's size, got " +
                           std::to_string(array.data.size()) + " bytes");

  // Renaming onto a device or a link would replace it.
  namespace fs = std::filesystem;
  std::error_code code;
  fs::path target(path);
  fs::file_status status = fs::status(target, code);
  if (fs::exists(status)) {
    if (!fs::is_regular_file(status))
      return fail(error, "expected a regular file or none");
    target = fs::canonical(target, code);
    if (code)
      return fail(error, "cannot resolve: " + code.message());
  }
  std::string partial = target.string() + ".XXXXXX";
  File file(::mkstemp(partial.data()));
  if (!file)
    return fail(error, systemError("create"));
  // mkstemp makes private files; give this one what open would have given.
  mode_t mask = ::umask(0);
  ::umask(mask);
  std::string header = makeHeader(array, *element);
  if (::fchmod(file.get(), 0666 & ~mask) ||
      !file.write(header.data(), header.size()) ||
      !file.write(array.data.data(), array.data.size()) ||
      ::fsync(file.get()) || !file.close() ||
      ::rename(partial.c_str(), target.c_str())) {
    error = systemError("write");
    ::unlink(partial.c_str());
    return false;
  }
  return true;
}

} // namespace

bool readNpy(const std::string &path, NpyArray &out, std::string &error) {
  if (readFile(path, out, error))
    return true;
  error = "'" + path + "': " + error;
  return false;
}

bool parseNpy(const void *bytes, size_t size, NpyArray &out,
              std::string &error) {
  Memory memory(bytes, size);
  return readArray(memory, size, out, error);
}

std::vector<std::byte> formatNpy(const NpyArray &array) {
  std::string header = makeHeader(array, *findElement(array.dtype));
  std::vector<std::byte> bytes(header.size() + array.data.size());
  std::memcpy(bytes.data(), header.data(), header.size());
  if (!array.data.empty())
    std::memcpy(bytes.data() + header.size(), array.data.data(),
                array.data.size());
  return bytes;
}

bool writeNpy(const std::string &path, const NpyArray &array,
              std::string &error) {
  if (writeFile(path, array, error))
    return true;
  error = "'" + path + "': " + error;
  return false;
}

} // namespace ssmc
