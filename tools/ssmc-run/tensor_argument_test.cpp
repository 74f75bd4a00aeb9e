#include "tools/ssmc-run/element.h"
#include "tools/ssmc-run/tensor_argument.h"
#include <filesystem>
#include <gtest/gtest.h>
#include <unistd.h>

using namespace ssmc;
using namespace ssmc::run;

namespace {
NpyArray make(const std::string &argument, uint64_t bound = 0,
              uint64_t seed = 0) {
  RandomNumbers random(seed);
  NpyArray array;
  std::string error;
  EXPECT_TRUE(makeArray(argument, bound, random, array, error)) << error;
  return array;
}

std::string errorOf(const std::string &argument) {
  RandomNumbers random(0);
  NpyArray array;
  std::string error;
  EXPECT_FALSE(makeArray(argument, 0, random, array, error)) << argument;
  return error;
}

TEST(TensorArgument, Splats) {
  NpyArray array = make("2x3xf32=-0.5");
  EXPECT_EQ(array.shape, (std::vector<int64_t>{2, 3}));
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(readElement(SSMC_F32, &array.data[4 * i]), -0.5);
  EXPECT_EQ(readElement(SSMC_U8, make("u8=255").data.data()), 255);
}

TEST(TensorArgument, DrawsTheSameNumbersForOneSeed) {
  NpyArray ids = make("1000xi64=random", 7, 1);
  EXPECT_EQ(ids.data, make("1000xi64=random", 7, 1).data);
  EXPECT_NE(ids.data, make("1000xi64=random", 7, 2).data);
  std::vector<int> seen(7);
  for (int i = 0; i < 1000; ++i) {
    double id = readElement(SSMC_I64, &ids.data[8 * i]);
    ASSERT_TRUE(id >= 0 && id < 7) << id;
    ++seen[int(id)];
  }
  for (int count : seen)
    EXPECT_NEAR(count, 1000 / 7, 50);
  NpyArray floats = make("1000xf32=random");
  double sum = 0;
  for (int i = 0; i < 1000; ++i) {
    double value = readElement(SSMC_F32, &floats.data[4 * i]);
    ASSERT_TRUE(value >= -1 && value < 1) << value;
    sum += value;
  }
  EXPECT_NEAR(sum / 1000, 0, 0.08);
}

TEST(TensorArgument, ReadsAndChecksFiles) {
  std::string folder =
      (std::filesystem::temp_directory_path() / "tensor_argument_test.XXXXXX")
          .string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  std::string path = folder + "/x.npy", error;
  ASSERT_TRUE(writeNpy(path, make("2x3xi64=5"), error)) << error;
  EXPECT_EQ(make("@" + path).data, make("2x3xi64=5").data);
  EXPECT_EQ(make("2x3xi64=@" + path).shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(errorOf("3x2xi64=@" + path),
            path + ": expected 3x2xi64, got 2x3xi64");
  EXPECT_EQ(errorOf("2x3xi32=@" + path),
            path + ": expected 2x3xi32, got 2x3xi64");
  std::filesystem::remove_all(folder);
}

TEST(TensorArgument, RefusesOthers) {
  EXPECT_EQ(errorOf("x.npy"), "expected '@file.npy' or 'TYPE=VALUE', got "
                              "'x.npy'");
  EXPECT_EQ(errorOf("2xf32=abc"),
            "expected '@file.npy', 'random' or a number, got 'abc'");
  EXPECT_EQ(errorOf("2xf32="),
            "expected '@file.npy', 'random' or a number, got ''");
  EXPECT_EQ(errorOf("2xi64=0.5"),
            "expected an integer that i64 holds, got '0.5'");
  EXPECT_EQ(errorOf("2xu8=256"),
            "expected an integer that u8 holds, got '256'");
  EXPECT_EQ(errorOf("2xu8=-1"), "expected an integer that u8 holds, got '-1'");
}
} // namespace
