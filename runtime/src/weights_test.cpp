#include "runtime/src/model.h"
#include "runtime/src/testing/artifact.h"
#include <filesystem>
#include <gtest/gtest.h>
#include <numeric>
#include <unistd.h>

using namespace ssmc;
using namespace ssmc::testing;

namespace {
/// A weight [18, 3] f32 of 1, 2, 3, ... in the file `weights.bin` at byte 7.
class ExternalWeights : public ::testing::Test {
protected:
  ExternalWeights() {
    std::iota(values.begin(), values.end(), 1.0f);
    file.assign(7, 0xee);
    auto *bytes = reinterpret_cast<const uint8_t *>(values.data());
    file.insert(file.end(), bytes, bytes + sizeof(float) * values.size());
    directory = temporaryPath("weights");
    std::filesystem::create_directories(directory);
    writeFile(directory + "/weights.bin", file);
    artifact.program.weight_files.push_back(
        std::make_unique<fb::WeightFileT>());
    artifact.program.weight_files[0]->name = "weights.bin";
    artifact.program.weight_files[0]->size = file.size();
    weight = new fb::WeightT;
    artifact.program.weights.emplace_back(weight);
    weight->name = "external";
    weight->dtype = fb::DType_f32;
    weight->shape = {18, 3};
    weight->storage = fb::WeightStorage_file;
    weight->offset = 7;
    weight->size = sizeof(float) * values.size();
    Hash hash = hashOf({bytes, weight->size});
    weight->hash_low = hash.low;
    weight->hash_high = hash.high;
  }
  Model open() {
    ssmc_model_options options;
    ssmc_model_options_init(&options);
    options.weights_directory = directory.c_str();
    return openFile(artifact.build(), &error, &options);
  }
  void expectFailure(ssmc_status status, const char *message) {
    EXPECT_FALSE(open());
    EXPECT_EQ(error.status, status);
    EXPECT_NE(strstr(error.message, message), nullptr) << error.message;
  }
  static const float *dataOf(const Model &model) {
    const void *data = model->weights[1].data;
    EXPECT_EQ(reinterpret_cast<uintptr_t>(data) % 64, 0u);
    return static_cast<const float *>(data);
  }

  std::vector<float> values = std::vector<float>(18 * 3);
  Bytes file;
  std::string directory;
  TestArtifact artifact;
  fb::WeightT *weight;
  ssmc_error error = {};
};

TEST_F(ExternalWeights, RowMajor) {
  Model model = open();
  ASSERT_TRUE(model) << error.message;
  EXPECT_TRUE(std::equal(values.begin(), values.end(), dataOf(model)));
}

TEST_F(ExternalWeights, Permuted) {
  weight->layout = fb::Layout_permuted;
  weight->permutation = {1, 0};
  Model model = open();
  ASSERT_TRUE(model) << error.message;
  for (size_t row = 0; row < 18; ++row)
    for (size_t column = 0; column < 3; ++column)
      EXPECT_EQ(dataOf(model)[column * 18 + row], values[row * 3 + column]);
}

TEST_F(ExternalWeights, Panels) {
  weight->layout = fb::Layout_panels16;
  Model model = open();
  ASSERT_TRUE(model) << error.message;
  for (size_t row = 0; row < 32; ++row)
    for (size_t column = 0; column < 3; ++column)
      EXPECT_EQ(dataOf(model)[(row / 16 * 3 + column) * 16 + row % 16],
                row < 18 ? values[row * 3 + column] : 0);
}

TEST_F(ExternalWeights, SplatInPanelsKeepsTheFillingRowsZero) {
  weight->storage = fb::WeightStorage_splat;
  weight->layout = fb::Layout_panels16;
  weight->splat = 2.5;
  weight->size = 32 * 3 * sizeof(float);
  Model model = open();
  ASSERT_TRUE(model) << error.message;
  for (size_t row = 0; row < 32; ++row)
    for (size_t column = 0; column < 3; ++column)
      EXPECT_EQ(dataOf(model)[(row / 16 * 3 + column) * 16 + row % 16],
                row < 18 ? 2.5f : 0);
}

TEST_F(ExternalWeights, BesideTheArtifactByDefault) {
  std::string path = directory + "/model.fb";
  writeFile(path, artifact.build());
  ssmc_model *model;
  EXPECT_EQ(ssmc_model_open(path.c_str(), nullptr, &model, &error), SSMC_OK)
      << error.message;
  ssmc_model_destroy(model);
}

TEST_F(ExternalWeights, MemoryNeedsADirectory) {
  EXPECT_FALSE(openMemory(artifact.build(), &error));
  EXPECT_EQ(error.status, SSMC_INVALID_ARGUMENT);
}

TEST_F(ExternalWeights, MissingFile) {
  unlink((directory + "/weights.bin").c_str());
  expectFailure(SSMC_NOT_FOUND, "could not open 'weights.bin'");
}

TEST_F(ExternalWeights, MissingDirectory) {
  directory += "/absent";
  expectFailure(SSMC_NOT_FOUND, "could not open directory");
}

TEST_F(ExternalWeights, SymbolicLinkIsNotFollowed) {
  std::string path = directory + "/weights.bin";
  std::string target = directory + "/target.bin";
  rename(path.c_str(), target.c_str());
  ASSERT_EQ(symlink(target.c_str(), path.c_str()), 0);
  expectFailure(SSMC_IO, "is a symbolic link");
  unlink(path.c_str());
}

TEST_F(ExternalWeights, DirectoryIsNoFile) {
  std::string path = directory + "/weights.bin";
  unlink(path.c_str());
  std::filesystem::create_directory(path);
  expectFailure(SSMC_IO, "to be a regular file");
  std::filesystem::remove(path);
}

TEST_F(ExternalWeights, OtherSize) {
  file.push_back(0);
  writeFile(directory + "/weights.bin", file);
  expectFailure(SSMC_CORRUPT, "expected weight file 'weights.bin' to have 223 "
                              "bytes, got 224");
}

TEST_F(ExternalWeights, EveryFlippedByte) {
  for (size_t i = 7; i < file.size(); ++i) {
    Bytes damaged = file;
    damaged[i] ^= 0x10;
    writeFile(directory + "/weights.bin", damaged);
    expectFailure(SSMC_CORRUPT, "weight 'external' in file 'weights.bin' does "
                                "not match its hash");
  }
}

TEST_F(ExternalWeights, EveryFailedAllocationIsReported) {
  weight->layout = fb::Layout_panels16;
  std::string path = directory + "/model.fb";
  writeFile(path, artifact.build());
  ssmc_model_options options;
  ssmc_model_options_init(&options);
  for (int64_t k = 0;; ++k) {
    FaultyAllocator allocator;
    allocator.failAt = k;
    ssmc_allocator functions = allocator.functions();
    options.allocator = &functions;
    ssmc_model *model;
    ssmc_status status =
        ssmc_model_open(path.c_str(), &options, &model, &error);
    ssmc_model_destroy(model);
    EXPECT_EQ(allocator.live, 0);
    if (status == SSMC_OK)
      break;
    EXPECT_EQ(status, SSMC_OUT_OF_MEMORY) << error.message;
  }
}

TEST_F(ExternalWeights, RangeOutsideTheFile) {
  weight->offset = 8;
  expectFailure(SSMC_CORRUPT, "is not inside its source");
}
} // namespace
