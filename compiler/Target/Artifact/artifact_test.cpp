#include "compiler/Target/Artifact/Artifact.h"
#include "runtime/src/artifact_header.h"
#include "ssmc/abi.h"
#include "ssmc/model.h"
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <numeric>
#include <sys/resource.h>
#include <sys/stat.h>

using namespace ssmc;

namespace {
using Bytes = std::vector<uint8_t>;

class ArtifactTest : public testing::Test {
protected:
  ArtifactTest() {
    std::string pattern = testing::TempDir() + "/ssmc-artifact-XXXXXX";
    directory = mkdtemp(pattern.data());
    path = directory + "/model.fb";
    fb::ProgramT &program = description.program;
    program.kernel_abi = SSMC_KERNEL_ABI;
    program.producer = "test";
    program.name = "model";
    std::iota(floats.begin(), floats.end(), 1.0f);
  }
  ~ArtifactTest() override { std::filesystem::remove_all(directory); }

  fb::WeightT &addWeight(const std::string &name, std::vector<uint64_t> shape,
                         WeightContent content) {
    auto weight = std::make_unique<fb::WeightT>();
    weight->name = name;
    weight->dtype = fb::DType_f32;
    weight->shape = std::move(shape);
    description.program.weights.push_back(std::move(weight));
    description.weights.push_back(std::move(content));
    return *description.program.weights.back();
  }

  void addCode(const std::string &arch, ByteView bytes) {
    auto variant = std::make_unique<fb::CodeVariantT>();
    variant->arch = arch;
    variant->level = "level";
    description.program.variants.push_back(std::move(variant));
    description.code.push_back(bytes);
  }

  void addAsset(const std::string &name, ByteView bytes) {
    auto asset = std::make_unique<fb::AssetT>();
    asset->name = name;
    description.program.assets.push_back(std::move(asset));
    description.assets.push_back(bytes);
  }

  void write() {
    ASSERT_TRUE(writeArtifact(description, path, {}, error)) << error;
  }

  /// Opens the file with every hash checked.
  ssmc_model *open() {
    ssmc_model_options options;
    ssmc_model_options_init(&options);
    options.verify = SSMC_VERIFY_FULL;
    ssmc_model *model = nullptr;
    ssmc_error problem;
    EXPECT_EQ(ssmc_model_open(path.c_str(), &options, &model, &problem),
              SSMC_OK)
        << problem.message;
    return model;
  }

  Bytes fileBytes() {
    std::ifstream in(path, std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(in), {});
  }

  /// The floats of weight `index`, out of the file.
  std::vector<float> stored(size_t index) {
    Bytes bytes = fileBytes();
    const fb::Program *program =
        fb::GetProgram(bytes.data() + sizeof(ArtifactHeader));
    const fb::Weight *weight = program->weights()->Get(index);
    uint64_t offset =
        program->segments()->Get(weight->source())->offset() + weight->offset();
    std::vector<float> result(weight->size() / sizeof(float));
    std::memcpy(result.data(), bytes.data() + offset, weight->size());
    return result;
  }

  std::vector<std::string> filesThere() {
    std::vector<std::string> names;
    for (const auto &entry : std::filesystem::directory_iterator(directory))
      names.push_back(entry.path().filename());
    return names;
  }

  std::string directory, path, error;
  ArtifactDescription description;
  std::vector<float> floats = std::vector<float>(600);
};

std::array<uint64_t, 2> idOf(const ssmc_model *model) {
  std::array<uint64_t, 2> id;
  ssmc_model_id(model, id.data());
  return id;
}
} // namespace

TEST_F(ArtifactTest, TheRuntimeReadsWhatIsWritten) {
  Bytes code(100, 0xc3), text = {'h', 'i'};
  addAsset("notes.txt", {text.data(), text.size()});
  addCode("x86_64", {code.data(), code.size()});
  addCode("aarch64", {code.data(), 4});
  WeightContent content = WeightContent::inMemory(floats.data());
  addWeight("plain", {3, 5}, content);
  addWeight("turned", {3, 5}, content).layout = fb::Layout_permuted;
  description.program.weights.back()->permutation = {1, 0};
  addWeight("packed", {3, 2}, content).layout = fb::Layout_panels16;
  fb::WeightT &splat = addWeight("splat", {7}, {});
  splat.storage = fb::WeightStorage_splat;
  splat.splat = 0.5;
  write();

  ssmc_model *model = open();
  ASSERT_TRUE(model);
  const void *data;
  size_t size;
  ASSERT_EQ(ssmc_model_asset(model, "notes.txt", &data, &size), SSMC_OK);
  EXPECT_EQ(std::string(static_cast<const char *>(data), size), "hi");
  EXPECT_EQ(ssmc_model_weight_bytes(model), (15 + 15 + 32 + 7) * 4u);
  ssmc_model_destroy(model);

  for (int i = 0; i < 15; ++i) {
    EXPECT_EQ(stored(0)[i], floats[i]);
    EXPECT_EQ(stored(1)[i], floats[i % 3 * 5 + i / 3]);
  }
  for (int i = 0; i < 32; ++i)
    EXPECT_EQ(stored(2)[i], i % 16 < 3 ? floats[i % 16 * 2 + i / 16] : 0);
  for (const auto &segment : description.program.segments)
    EXPECT_EQ(segment->offset %
                  (segment->kind == fb::SegmentKind_code ? 65536 : 64),
              0u);
}

TEST_F(ArtifactTest, AnEmptyProgramIsAFile) {
  write();
  ssmc_model *model = open();
  ASSERT_TRUE(model);
  ssmc_model_destroy(model);
}

TEST_F(ArtifactTest, StoresTheSameContentOnce) {
  WeightContent content = WeightContent::inMemory(floats.data());
  addWeight("embedding", {10, 20}, content);
  addWeight("head", {10, 20}, content);
  addWeight("head.packed", {10, 20}, content).layout = fb::Layout_panels16;
  addWeight("other.shape", {20, 10}, content);
  write();
  auto &weights = description.program.weights;
  EXPECT_EQ(weights[1]->offset, weights[0]->offset);
  EXPECT_EQ(weights[1]->hash_low, weights[0]->hash_low);
  EXPECT_NE(weights[2]->offset, weights[0]->offset);
  EXPECT_NE(weights[3]->offset, weights[0]->offset);
  EXPECT_EQ(stored(1), stored(0));
  ssmc_model *model = open();
  ASSERT_TRUE(model);
  ssmc_model_destroy(model);
}

TEST_F(ArtifactTest, TheModelIdIsThatOfTheValues) {
  fb::WeightT &weight =
      addWeight("w", {4, 6}, WeightContent::inMemory(floats.data()));
  auto id = [&] {
    description.program.model_id_low = 7;
    description.program.model_id_high = 8;
    write();
    ssmc_model *model = open();
    auto result = idOf(model);
    ssmc_model_destroy(model);
    return result;
  };
  auto plain = id();
  weight.layout = fb::Layout_permuted;
  weight.permutation = {1, 0};
  EXPECT_EQ(id(), plain);
  weight.layout = fb::Layout_panels16;
  weight.permutation = {};
  EXPECT_EQ(id(), plain);
  floats[23] = -1;
  EXPECT_NE(id(), plain);
}

TEST_F(ArtifactTest, WeightsMayStayInTheirFile) {
  std::ofstream(directory + "/w.bin", std::ios::binary)
      .write(reinterpret_cast<const char *>(floats.data()), 800);
  auto file = std::make_unique<fb::WeightFileT>();
  file->name = "w.bin";
  file->size = 800;
  description.program.weight_files.push_back(std::move(file));
  fb::WeightT &weight =
      addWeight("w", {5, 20}, WeightContent::inMemory(floats.data() + 100));
  weight.storage = fb::WeightStorage_file;
  weight.layout = fb::Layout_panels16;
  weight.offset = 400;
  write();
  EXPECT_LT(fileBytes().size(), 1000u);
  ssmc_model *model = open();
  ASSERT_TRUE(model);
  ssmc_model_destroy(model);
}

TEST_F(ArtifactTest, ZerosTakeNoSpace) {
  static const uint8_t zeros[1 << 20] = {};
  auto read = [](uint64_t, uint64_t size, const uint8_t *&out, std::string &) {
    EXPECT_LE(size, sizeof zeros);
    out = zeros;
    return true;
  };
  addWeight("zero", {1 << 16, 1 << 10}, {read, nullptr});
  addWeight("after", {4}, WeightContent::inMemory(floats.data()));
  write();
  struct stat info;
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_GT(info.st_size, 256 << 20);
  EXPECT_LT(info.st_blocks * 512, 1 << 20);
  ssmc_model *model = open();
  ASSERT_TRUE(model);
  ssmc_model_destroy(model);
}

TEST_F(ArtifactTest, AFullDiskLeavesTheOldFile) {
  std::ofstream(path) << "old";
  std::vector<float> large(1 << 20, 1.0f);
  addWeight("w", {1 << 20}, WeightContent::inMemory(large.data()));
  rlimit old;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  auto handler = std::signal(SIGXFSZ, SIG_IGN);
  for (rlim_t limit : {rlim_t(100), rlim_t(2 << 20), rlim_t(4 << 20)}) {
    rlimit small = {limit, old.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    EXPECT_FALSE(writeArtifact(description, path, {}, error));
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &old), 0);
    EXPECT_EQ(error, "cannot write '" + path + "': File too large");
    EXPECT_EQ(filesThere(), std::vector<std::string>{"model.fb"});
    EXPECT_EQ(fileBytes(), (Bytes{'o', 'l', 'd'}));
  }
  std::signal(SIGXFSZ, handler);
  write();
  EXPECT_GT(fileBytes().size(), 4u << 20);
}

TEST_F(ArtifactTest, AFailingSourceLeavesNothing) {
  auto read = [](uint64_t, uint64_t, const uint8_t *&, std::string &error) {
    error = "cannot compute 'w'";
    return false;
  };
  addWeight("w", {4}, {read, nullptr});
  EXPECT_FALSE(writeArtifact(description, path, {}, error));
  EXPECT_EQ(error, "cannot compute 'w'");
  EXPECT_TRUE(filesThere().empty());
}

TEST_F(ArtifactTest, SaysWhyThereIsNoFile) {
  EXPECT_FALSE(
      writeArtifact(description, directory + "/none/model.fb", {}, error));
  EXPECT_EQ(error, "cannot create '" + directory +
                       "/none/model.fb': No such file or directory");
  EXPECT_FALSE(writeArtifact(description, directory, {}, error));
  EXPECT_EQ(error, "expected '" + directory + "' to be a file or not to exist");
}

TEST_F(ArtifactTest, RefusesContentThatDoesNotMatchTheTables) {
  addWeight("w", {4, 4}, {});
  EXPECT_FALSE(writeArtifact(description, path, {}, error));
  EXPECT_EQ(error, "ssmc internal error: weight 'w' is without content");
  description.weights[0] = WeightContent::inMemory(floats.data());
  description.program.weights[0]->layout = fb::Layout_permuted;
  description.program.weights[0]->permutation = {0, 2};
  EXPECT_FALSE(writeArtifact(description, path, {}, error));
  EXPECT_EQ(error, "ssmc internal error: weight 'w' has no valid permutation");
}

TEST_F(ArtifactTest, ReportsProgressToTheEnd) {
  std::vector<float> large(1 << 20, 1.0f);
  addWeight("w", {1 << 20}, WeightContent::inMemory(large.data()));
  Bytes code(100, 0xc3);
  addCode("x86_64", {code.data(), code.size()});
  uint64_t last = 0, all = 0;
  auto progress = [&](uint64_t done, uint64_t total) {
    EXPECT_GT(done, last);
    last = done;
    all = total;
  };
  ASSERT_TRUE(writeArtifact(description, path, progress, error)) << error;
  EXPECT_EQ(last, (4u << 20) + 100);
  EXPECT_EQ(all, last);
}
