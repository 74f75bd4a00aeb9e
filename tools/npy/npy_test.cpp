#include "tools/npy/npy.h"
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <sys/resource.h>
#include <unistd.h>

namespace fs = std::filesystem;
using ssmc::NpyArray;

namespace {

class NpyTest : public ::testing::Test {
protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "npy_test.XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string path(const char *name = "x.npy") const {
    return (folder / name).string();
  }
  size_t fileCount() const {
    return std::distance(fs::directory_iterator(folder),
                         fs::directory_iterator());
  }
  void put(const std::string &bytes) {
    std::ofstream(path(), std::ios::binary) << bytes;
  }
  std::string get() const {
    std::ifstream in(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  /// A file of version `major` with this header text and data.
  static std::string file(const std::string &text, const std::string &data,
                          int major = 1) {
    std::string bytes = std::string("\x93NUMPY") + char(major) + '\0';
    for (int i = 0; i < (major == 1 ? 2 : 4); ++i)
      bytes += char(text.size() >> 8 * i & 0xff);
    return bytes + text + data;
  }
  /// Expects reading `bytes` to fail with `message`.
  void expectError(const std::string &bytes, const std::string &message) {
    put(bytes);
    NpyArray array;
    array.shape = {7};
    std::string error;
    EXPECT_FALSE(ssmc::readNpy(path(), array, error));
    EXPECT_EQ(error, "'" + path() + "': " + message);
    EXPECT_FALSE(ssmc::parseNpy(bytes.data(), bytes.size(), array, error));
    EXPECT_EQ(error, message);
    EXPECT_EQ(array.shape, std::vector<int64_t>{7}) << "changed on an error";
  }
  static NpyArray floats(std::vector<int64_t> shape, size_t count) {
    NpyArray array{SSMC_F32, std::move(shape), {}};
    array.data.resize(count * 4);
    for (size_t i = 0; i < count; ++i) {
      float value = 0.5f * i;
      std::memcpy(&array.data[4 * i], &value, 4);
    }
    return array;
  }

  fs::path folder;
};

TEST_F(NpyTest, RoundTripsEveryTypeAndRank) {
  struct {
    ssmc_dtype dtype;
    size_t size;
  } types[] = {
      {SSMC_F32, 4}, {SSMC_F64, 8}, {SSMC_I32, 4}, {SSMC_I64, 8}, {SSMC_U8, 1}};
  std::vector<int64_t> shapes[] = {{},     {0},       {5},
                                   {2, 3}, {4, 0, 2}, {1, 2, 1, 2, 1, 2, 1, 1}};
  for (auto type : types)
    for (const auto &shape : shapes) {
      NpyArray array{type.dtype, shape, {}};
      size_t count = 1;
      for (int64_t extent : shape)
        count *= extent;
      for (size_t i = 0; i < count * type.size; ++i)
        array.data.push_back(std::byte(i * 37));
      std::string error;
      ASSERT_TRUE(ssmc::writeNpy(path(), array, error)) << error;
      NpyArray back;
      ASSERT_TRUE(ssmc::readNpy(path(), back, error)) << error;
      std::string bytes = get();
      NpyArray parsed;
      ASSERT_TRUE(ssmc::parseNpy(bytes.data(), bytes.size(), parsed, error));
      for (const NpyArray &read : {back, parsed}) {
        EXPECT_EQ(read.dtype, array.dtype);
        EXPECT_EQ(read.shape, array.shape);
        EXPECT_EQ(read.data, array.data);
      }
    }
  EXPECT_EQ(fileCount(), 1u) << "a temporary file was left";
}

TEST_F(NpyTest, WritesTheBytesThatNumpyWrites) {
  std::string error;
  ASSERT_TRUE(ssmc::writeNpy(path(), floats({3}, 3), error)) << error;
  // numpy.save of numpy.arange(3, dtype='f4') / 2
  std::string expected("\x93NUMPY\1\0v\0{'descr': '<f4', 'fortran_order': "
                       "False, 'shape': (3,), }",
                       10 + 57);
  expected += std::string(60, ' ') + '\n';
  expected += std::string("\0\0\0\0\0\0\0\x3f\0\0\x80\x3f", 12);
  EXPECT_EQ(get(), expected);
  EXPECT_EQ(get().size(), 128u + 12u);
}

TEST_F(NpyTest, ReadsVersionsTwoAndThree) {
  for (int major : {2, 3}) {
    put(file("{\"shape\": (2,), 'fortran_order':False, 'descr': '<u1'}\n", "ab",
             major));
    NpyArray array;
    std::string error;
    ASSERT_TRUE(ssmc::readNpy(path(), array, error)) << error;
    EXPECT_EQ(array.dtype, SSMC_U8);
    EXPECT_EQ(array.shape, std::vector<int64_t>{2});
    EXPECT_EQ(char(array.data[1]), 'b');
  }
}

TEST_F(NpyTest, RefusesOtherFiles) {
  expectError("", "expected a .npy file, got other bytes");
  expectError("\x93NUMPY", "expected a .npy file, got other bytes");
  expectError("PK\3\4 an .npz archive",
              "expected a .npy file, got other bytes");
  expectError(file("{}", "", 4),
              "expected .npy version 1.0, 2.0 or 3.0, got 4.0");
  expectError(std::string("\x93NUMPY\1\0\xff\x20{}", 12),
              "expected a header of 8447 bytes, got the end of the file");
  expectError(std::string("\x93NUMPY\2\0\xff\xff\xff\xff{}", 14),
              "expected a header of at most 10000 bytes, got 4294967295");
  expectError(std::string("\x93NUMPY\2\0\xff\xff", 10),
              "expected a header, got the end of the file");
  NpyArray array;
  std::string error;
  EXPECT_FALSE(ssmc::readNpy(path("absent.npy"), array, error));
  EXPECT_EQ(error, "'" + path("absent.npy") +
                       "': cannot open: No such file or directory");
  EXPECT_FALSE(ssmc::readNpy(folder.string(), array, error));
  EXPECT_EQ(error, "'" + folder.string() + "': expected a regular file");
}

TEST_F(NpyTest, RefusesOtherHeaders) {
  auto header = [](const char *descr, const char *order, const char *shape) {
    return std::string("{'descr': ") + descr + ", 'fortran_order': " + order +
           ", 'shape': " + shape + ", }\n";
  };
  auto check = [&](const std::string &text, const char *message) {
    expectError(file(text, "abcdefgh"), message);
  };
  check(header("'<f4'", "True", "(2,)"),
        "expected an array in C order, got Fortran order (save "
        "numpy.ascontiguousarray(x))");
  check(header("'<f4'", "0", "(2,)"),
        "expected True or False for 'fortran_order', got '0, 'shape': (2,)'");
  check(header("'>f4'", "False", "(2,)"),
        "expected little-endian elements, got '>f4'");
  check(header("'|O'", "False", "(1,)"),
        "expected element type '<f4', '<f8', '<i4', '<i8' or '|u1', got '|O'");
  check(header("[('a', '<f4')]", "False", "(2,)"),
        "expected one element type, got a structured array");
  check(header("'<f4'", "False", "(2)"),
        "expected ',' after the only extent of the shape");
  check(header("'<f4'", "False", "(2 1)"),
        "expected ',' or ')' in the shape, got '1), }'");
  check(header("'<f4'", "False", "(-2,)"),
        "expected an extent in the shape, got '-2,), }'");
  check(header("'<f4'", "False", "(1,1,1,1,1,1,1,1,2)"),
        "expected at most 8 extents, got more");
  check(header("'<f4'", "False", "(1000000000000000000,)"),
        "expected an extent below 10^18, got '1000000000000000'");
  check(header("'<f4'", "False", "(2,)") + "x",
        "expected the header to end after '}', got 'x'");
  check("{'descr': '<f4', 'shape': (2,)}",
        "expected header key 'fortran_order', found none");
  check("{'descr': '<f4', 'descr': '<f4'}",
        "expected header key 'descr' once, got it twice");
  check("{'size': 2}", "expected header key 'descr', 'fortran_order' or "
                       "'shape', got 'size'");
  check("{'descr", "expected a closing quote in the header, got ''descr'");
  check("{'descr' '<f4'}", "expected ':' in the header, got ''<f4'}'");
  check("", "expected '{' in the header, got the end of the header");
}

TEST_F(NpyTest, RefusesOtherLengths) {
  auto shaped = [](const char *shape) {
    return std::string("{'descr': '<f4', 'fortran_order': False, 'shape': ") +
           shape + "}\n";
  };
  expectError(file(shaped("(2,)"), "abcdefg"),
              "expected 8 bytes of elements, got 7");
  expectError(file(shaped("(2,)"), "abcdefghi"),
              "expected 8 bytes of elements, got 9");
  // 2^62 elements of 4 bytes are 0 in 64 bits.
  expectError(file(shaped("(2147483648, 2147483648)"), ""),
              "expected over 2^62 bytes of elements, got 0");
  expectError(file(shaped("(900000000000000000, 0)"), "a"),
              "expected 0 bytes of elements, got 1");
}

TEST_F(NpyTest, RefusesToWriteWhatItCannotRead) {
  std::string error;
  NpyArray array = floats({3}, 2);
  EXPECT_FALSE(ssmc::writeNpy(path(), array, error));
  EXPECT_EQ(error,
            "'" + path() + "': expected data of the shape's size, got 8 bytes");
  EXPECT_FALSE(ssmc::writeNpy(path(), floats({0, -1}, 0), error));
  EXPECT_EQ(error,
            "'" + path() + "': expected data of the shape's size, got 0 bytes");
  array.dtype = SSMC_BF16;
  EXPECT_FALSE(ssmc::writeNpy(path(), array, error));
  EXPECT_EQ(error, "'" + path() +
                       "': expected f32, f64, i32, i64 or u8, got "
                       "another type");
  EXPECT_FALSE(
      ssmc::writeNpy(path(), floats({1, 1, 1, 1, 1, 1, 1, 1, 1}, 1), error));
  EXPECT_EQ(fileCount(), 0u);
}

TEST_F(NpyTest, KeepsTheOldFileWhenTheDiskIsFull) {
  std::string error;
  ASSERT_TRUE(ssmc::writeNpy(path(), floats({3}, 3), error)) << error;
  std::string before = get();
  // A limit on the size of files stands for a full disk.
  struct rlimit old, small;
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  auto handler = std::signal(SIGXFSZ, SIG_IGN);
  small = {4096, old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  bool written = ssmc::writeNpy(path(), floats({2000}, 2000), error);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_FALSE(written);
  EXPECT_EQ(error, "'" + path() + "': cannot write: File too large");
  EXPECT_EQ(get(), before);
  EXPECT_EQ(fileCount(), 1u) << "a partial file was left";
}

TEST_F(NpyTest, FollowsLinksAndLeavesDevicesAlone) {
  std::string error;
  ASSERT_TRUE(ssmc::writeNpy(path(), floats({1}, 1), error)) << error;
  fs::create_symlink(path(), path("link.npy"));
  ASSERT_TRUE(ssmc::writeNpy(path("link.npy"), floats({2}, 2), error)) << error;
  EXPECT_TRUE(fs::is_symlink(path("link.npy")));
  NpyArray back;
  ASSERT_TRUE(ssmc::readNpy(path(), back, error)) << error;
  EXPECT_EQ(back.shape, std::vector<int64_t>{2});
  EXPECT_FALSE(ssmc::writeNpy("/dev/null", floats({1}, 1), error));
  EXPECT_EQ(error, "'/dev/null': expected a regular file or none");
  EXPECT_FALSE(ssmc::writeNpy(path("no/x.npy"), floats({1}, 1), error));
  EXPECT_EQ(error, "'" + path("no/x.npy") +
                       "': cannot create: No such file or directory");
}

} // namespace
