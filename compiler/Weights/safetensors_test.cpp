#include "compiler/Weights/Safetensors.h"
#include <cctype>
#include <gtest/gtest.h>
#include <ostream>

using namespace ssmc::weights;
using namespace std::string_literals;

namespace {

std::string file(const std::string &header, size_t dataBytes) {
  std::string out;
  for (int i = 0; i < 8; ++i)
    out += static_cast<char>(uint64_t(header.size()) >> (8 * i) & 0xff);
  return out + header + std::string(dataBytes, '\1');
}

/// The error of reading `bytes`, empty when they are accepted. Reads a copy of
/// exactly that size, so that the address sanitizer sees any byte beyond it.
std::string errorOf(const std::string &bytes) {
  std::vector<uint8_t> copy(bytes.begin(), bytes.end());
  copy.shrink_to_fit();
  std::vector<NamedTensor> tensors;
  std::string error;
  bool ok = parseSafetensors(copy.data(), copy.size(), "f", tensors, error);
  EXPECT_EQ(ok, error.empty());
  if (!ok)
    EXPECT_TRUE(tensors.empty());
  return error;
}

/// A header with tensor `a` of eight bytes and the given fields.
std::string withTensor(const std::string &fields) {
  return "{\"a\":{" + fields + "}}";
}

std::string repeat(const std::string &text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i)
    out += text;
  return out;
}

const char goodFields[] = R"("dtype":"F32","shape":[2],"data_offsets":[0,8])";

TEST(Safetensors, ReadsTensorsSortedByName) {
  std::string bytes = file(
      R"({"__metadata__":{"format":"pt","\u00e9":"\ud83d\ude00"},)"
      R"("b":{"dtype":"BF16","shape":[2,3],"data_offsets":[4,16]},)"
      R"("a" : { "shape" : [ ] , "data_offsets":[0,4], "dtype":"F32" }}   )",
      16);
  std::vector<NamedTensor> tensors;
  std::string error;
  auto *data = reinterpret_cast<const uint8_t *>(bytes.data());
  ASSERT_TRUE(parseSafetensors(data, bytes.size(), "m", tensors, error))
      << error;
  ASSERT_EQ(tensors.size(), 2u);
  EXPECT_EQ(tensors[0].name, "a");
  EXPECT_EQ(tensors[0].view.dtype, DType::F32);
  EXPECT_TRUE(tensors[0].view.shape.empty());
  EXPECT_EQ(tensors[0].view.bytes, 4u);
  EXPECT_EQ(tensors[0].view.elements(), 1u);
  EXPECT_EQ(tensors[1].name, "b");
  EXPECT_EQ(tensors[1].view.shape, (std::vector<uint64_t>{2, 3}));
  EXPECT_EQ(tensors[1].view.bytes, 12u);
  EXPECT_EQ(tensors[1].view.file, "m");
  EXPECT_EQ(tensors[1].view.fileOffset, bytes.size() - 12);
  EXPECT_EQ(tensors[1].view.data, data + bytes.size() - 12);
}

TEST(Safetensors, AcceptsTheEdgesOfTheRules) {
  EXPECT_EQ(errorOf(file("{}", 0)), "");
  EXPECT_EQ(errorOf(file(R"({"__metadata__":{}})", 0)), "");
  // Tensors without elements share an offset with their neighbours.
  EXPECT_EQ(
      errorOf(file(R"({"a":{"dtype":"F32","shape":[0,5],"data_offsets":[0,0]},)"
                   R"("b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                   R"("c":{"dtype":"I64","shape":[0],"data_offsets":[4,4]}})",
                   4)),
      "");
  EXPECT_EQ(errorOf(file(withTensor(R"("dtype":"U8","shape":)"
                                    R"([1,1,1,1,1,1,1,8],)"
                                    R"("data_offsets":[0,8])"),
                         8)),
            "");
  EXPECT_EQ(errorOf(file("{\"" + std::string(maxNameBytes, 'n') + "\":{" +
                             goodFields + "}}",
                         8)),
            "");
  // A name that decodes to 512 bytes, written with escapes.
  EXPECT_EQ(errorOf(file("{\"" + repeat("\\u0061", maxNameBytes) + "\":{" +
                             goodFields + "}}",
                         8)),
            "");
}

struct Malformed {
  const char *what;
  std::string bytes;
  const char *message; // a part of it
};

std::ostream &operator<<(std::ostream &stream, const Malformed &param) {
  return stream << param.what;
}

class SafetensorsMalformed : public testing::TestWithParam<Malformed> {};

TEST_P(SafetensorsMalformed, IsRefusedWithTheReason) {
  std::string error = errorOf(GetParam().bytes);
  EXPECT_NE(error.find(GetParam().message), std::string::npos)
      << GetParam().what << ": got: " << error;
  EXPECT_EQ(error.find('\n'), std::string::npos);
}

std::string sizedHeader(uint64_t size, const std::string &rest) {
  std::string out;
  for (int i = 0; i < 8; ++i)
    out += static_cast<char>(size >> (8 * i) & 0xff);
  return out + rest;
}

std::vector<Malformed> malformedFiles() {
  std::vector<Malformed> cases = {
      {"empty file", "", "expected at least 8 bytes, got 0"},
      {"seven bytes", std::string(7, '\0'), "at least 8 bytes, got 7"},
      {"header size 0", std::string(8, '\0'), "begin with '{'"},
      {"header beyond the file", sizedHeader(3, "{}"),
       "at most 2 bytes, got 3"},
      {"header size 2^64-1", sizedHeader(UINT64_MAX, "{}"), "at most 2 bytes"},
      {"header size 2^64-8", sizedHeader(UINT64_MAX - 7, "{}"), "at most 2"},
      {"header size 2^63", sizedHeader(1ull << 63, "{}"), "at most 2 bytes"},
      {"leading space", file(" {}", 0), "begin with '{'"},
      {"array at the top", file("[]", 0), "begin with '{'"},
      {"byte order mark", file("\xef\xbb\xbf{}", 0), "begin with '{'"},
      {"trailing comma", file("{},", 0), "only spaces after"},
      {"trailing newline", file("{}\n", 0), "only spaces after"},
      {"trailing tab", file("{} \t", 0), "only spaces after"},
      {"trailing zero byte", file("{}\0"s, 0), "only spaces after"},
      {"second object", file("{}{}", 0), "only spaces after"},
      {"not UTF-8", file("{\"\xff\":{}}", 0), "UTF-8"},
      {"overlong UTF-8", file("{\"\xc0\xaf\":{}}", 0), "UTF-8"},
      {"surrogate in UTF-8", file("{\"\xed\xa0\x80\":{}}", 0), "UTF-8"},
      {"cut inside a key", file("{\"ab", 0), "got the end"},
      {"cut after a key", file("{\"ab\"", 0), "expected ':'"},
      {"cut after a colon", file("{\"ab\":", 0), "expected an object"},
      {"cut after the brace", file("{", 0), "expected a string"},
      {"cut inside an escape", file("{\"\\", 0), "an escape letter"},
      {"unknown escape", file("{\"\\x\":{}}", 0), "an escape letter"},
      {"short unicode escape", file("{\"\\u12\":{}}", 0), "hexadecimal"},
      {"lone high surrogate", file("{\"\\ud800\":{}}", 0), "a low surrogate"},
      {"high surrogate twice", file("{\"\\ud800\\ud800\":{}}", 0),
       "a low surrogate"},
      {"lone low surrogate", file("{\"\\udc00\":{}}", 0), "a high surrogate"},
      {"control character", file("{\"\1\":{}}", 0), "control character"},
      {"key is no string", file("{1:{}}", 0), "expected a string"},
      {"comma before the brace", file("{,}", 0), "expected a string"},
      {"comma after the last",
       file(withTensor(goodFields)
                .insert(withTensor(goodFields).size() - 1, ","),
            8),
       "expected a string"},
      {"comment", file("{/**/}", 0), "expected a string"},
      {"tensor is a string", file(R"({"a":"b"})", 0), "expected an object"},
      {"tensor is null", file(R"({"a":null})", 0), "expected an object"},
      {"tensor is an array", file(R"({"a":[]})", 0), "expected an object"},
      {"tensor without fields", file(R"({"a":{}})", 0), "expected a dtype"},
      {"nested too deep", file(R"({"a":{"shape":[[1]]}})", 0),
       "an unsigned integer"},
      {"100000 brackets", file("{\"a\":" + repeat("[", 100000), 0),
       "expected an object"},
      {"100000 braces", file(repeat("{\"a\":", 100000), 0),
       "expected 'dtype', 'shape' and 'data_offsets'"},
      {"name too long",
       file("{\"" + std::string(maxNameBytes + 1, 'n') + "\":{}}", 0),
       "a string of at most 512 bytes"},
      {"name twice",
       file(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
            R"("a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
            8),
       "tensor names to be unique, got 'a' twice"},
      {"name twice, once escaped",
       file(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
            R"("\u0061":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
            8),
       "tensor names to be unique, got 'a' twice"},
      {"metadata twice", file(R"({"__metadata__":{},"__metadata__":{}})", 0),
       "one '__metadata__'"},
      {"metadata key twice", file(R"({"__metadata__":{"k":"1","k":"2"}})", 0),
       "'k' twice"},
      {"metadata holds a number", file(R"({"__metadata__":{"k":1}})", 0),
       "expected a string"},
      {"metadata holds an object", file(R"({"__metadata__":{"k":{}}})", 0),
       "expected a string"},
      {"metadata is a string", file(R"({"__metadata__":"k"})", 0),
       "expected an object"},
  };
  auto tensor = [&](const char *what, const char *fields, const char *message) {
    cases.push_back({what, file(withTensor(fields), 8), message});
  };
  tensor("unknown field",
         R"("dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1)", "got 'x'");
  tensor("dtype twice", R"("dtype":"F32","dtype":"F32")", "got 'dtype'");
  tensor("shape twice", R"("shape":[2],"shape":[2])", "got 'shape'");
  tensor("empty shape twice", R"("shape":[],"shape":[2])", "got 'shape'");
  tensor("data_offsets twice", R"("data_offsets":[],"data_offsets":[0,8])",
         "got 'data_offsets'");
  tensor("no dtype", R"("shape":[2],"data_offsets":[0,8])", "a dtype");
  tensor("no shape", R"("dtype":"F32","data_offsets":[0,8])", "a shape");
  tensor("no data_offsets", R"("dtype":"F32","shape":[2])", "two data_offsets");
  tensor("one data_offset", R"("dtype":"F32","shape":[2],"data_offsets":[8])",
         "two data_offsets");
  tensor("three data_offsets",
         R"("dtype":"F32","shape":[2],"data_offsets":[0,8,8])",
         "at most 2 integers");
  tensor("unknown dtype",
         R"("dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8])",
         "I64, U8 or BOOL, got 'F8_E4M3'");
  tensor("lower-case dtype",
         R"("dtype":"f32","shape":[2],"data_offsets":[0,8])", "got 'f32'");
  tensor("empty dtype", R"("dtype":"")", "got ''");
  tensor("long dtype", R"("dtype":"F32F32F32F32F32F32")", "at most 16 bytes");
  tensor("dtype is a number", R"("dtype":32)", "expected a string");
  tensor("shape is a number", R"("shape":2)", "expected an array");
  tensor("shape is null", R"("shape":null)", "expected an array");
  tensor("extent is a string", R"("shape":["2"])", "an unsigned integer");
  tensor("extent is null", R"("shape":[null])", "an unsigned integer");
  tensor("extent is true", R"("shape":[true])", "an unsigned integer");
  tensor("negative extent", R"("shape":[-2])", "an unsigned integer");
  tensor("minus zero", R"("shape":[-0])", "an unsigned integer");
  tensor("plus sign", R"("shape":[+2])", "an unsigned integer");
  tensor("fraction", R"("shape":[2.0])", "expected ',' or ']'");
  tensor("exponent", R"("shape":[2e0])", "expected ',' or ']'");
  tensor("leading zero", R"("shape":[02])", "without leading zeros");
  tensor("2^64", R"("shape":[18446744073709551616])", "below 2^64");
  tensor("huge integer", R"("shape":[99999999999999999999999])", "below 2^64");
  tensor("comma after the last extent", R"("shape":[2,])",
         "an unsigned integer");
  tensor("rank 9", R"("shape":[1,1,1,1,1,1,1,1,2])", "at most 8 integers");
  tensor("product wraps to 8",
         R"("dtype":"F32","shape":[4294967296,4294967296,2],)"
         R"("data_offsets":[0,8])",
         "a size below 2^64 bytes");
  tensor("bytes wrap to 0",
         R"("dtype":"F64","shape":[2305843009213693952],)"
         R"("data_offsets":[0,0])",
         "a size below 2^64 bytes");
  tensor("wrapping product times zero",
         R"("dtype":"F32","shape":[18446744073709551615,2,0],)"
         R"("data_offsets":[0,0])",
         "a size below 2^64 bytes");
  tensor("end before begin",
         R"("dtype":"F32","shape":[2],"data_offsets":[8,0])",
         "inside the 8 bytes of data, got [8, 0)");
  tensor("end beyond the data",
         R"("dtype":"F32","shape":[3],"data_offsets":[0,12])",
         "inside the 8 bytes of data, got [0, 12)");
  tensor("end at 2^64-1",
         R"("dtype":"F32","shape":[2],)"
         R"("data_offsets":[18446744073709551607,18446744073709551615])",
         "inside the 8 bytes of data");
  tensor("range longer than the shape",
         R"("dtype":"F32","shape":[1],"data_offsets":[0,8])",
         "expected 4 bytes for F32 1, got 8");
  tensor("range shorter than the shape",
         R"("dtype":"BF16","shape":[2,2],"data_offsets":[0,4])",
         "expected 8 bytes for BF16 2x2, got 4");
  tensor("data before the first tensor",
         R"("dtype":"F32","shape":[1],"data_offsets":[4,8])",
         "at offset 0, where the one before ends, got 4");
  tensor("data after the last tensor",
         R"("dtype":"F32","shape":[1],"data_offsets":[0,4])",
         "to cover 8 bytes of data, got 4");
  cases.push_back({"data but no tensors", file("{}", 1), "cover 1 bytes"});
  cases.push_back(
      {"overlap",
       file(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
            R"("b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
            12),
       "tensor 'b': expected its data at offset 8"});
  cases.push_back(
      {"the same range twice",
       file(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
            R"("b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
            8),
       "expected its data at offset 8"});
  cases.push_back(
      {"gap",
       file(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
            R"("b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})",
            12),
       "expected its data at offset 4"});
  cases.push_back(
      {"an empty tensor inside another",
       file(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
            R"("b":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}})",
            8),
       "tensor 'b': expected its data at offset 8"});
  cases.push_back({"truncated data", file(withTensor(goodFields), 7),
                   "inside the 7 bytes of data"});
  return cases;
}

INSTANTIATE_TEST_SUITE_P(All, SafetensorsMalformed,
                         testing::ValuesIn(malformedFiles()), [](auto &info) {
                           std::string name = info.param.what;
                           for (char &c : name)
                             c = std::isalnum(c) ? c : '_';
                           return name;
                         });

TEST(Safetensors, RefusesEveryTruncation) {
  std::string bytes = file(withTensor(goodFields), 8);
  ASSERT_EQ(errorOf(bytes), "");
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_NE(errorOf(bytes.substr(0, size)), "") << size;
}

TEST(Safetensors, RefusesAHeaderAbove100Megabytes) {
  std::string bytes =
      sizedHeader(maxHeaderBytes + 1, std::string(maxHeaderBytes + 2, ' '));
  EXPECT_NE(errorOf(bytes).find("at most 100000000 bytes, got 100000001"),
            std::string::npos);
}

TEST(Safetensors, HidesControlCharactersOfNames) {
  std::string error = errorOf(file("{\"\\u001b[2J\":{\"dtype\":\"X\"}}", 0));
  EXPECT_NE(error.find("'\\x1b[2J'"), std::string::npos) << error;
}

TEST(Safetensors, RefusesTooManyTensors) {
  std::string header = "{";
  for (uint64_t i = 0; i <= maxTensors; ++i)
    header += (i ? ",\"" : "\"") + std::to_string(i) +
              R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  EXPECT_NE(errorOf(file(header + "}", 0)).find("at most 1000000 tensors"),
            std::string::npos);
}

} // namespace
