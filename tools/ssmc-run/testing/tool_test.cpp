#include "tools/ssmc-run/testing/tool_test.h"
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sys/wait.h>
#include <unistd.h>

using namespace ssmc;
using namespace ssmc::testing;
namespace fs = std::filesystem;

void ToolTest::SetUp() {
  if (!canRunKernels())
    GTEST_SKIP() << "the test kernels are not built for this processor";
  folder = (fs::temp_directory_path() / "ssmc_tool_test.XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
}

void ToolTest::TearDown() {
  std::error_code ignored;
  if (!folder.empty())
    fs::remove_all(folder, ignored);
}

std::string ToolTest::path(const std::string &name) const {
  return folder + "/" + name;
}

ToolTest::Result ToolTest::run(const std::string &command) const {
  std::string line = "cd '" + folder + "' && '" SSMC_TOOL_DIRECTORY "/'" +
                     command + " > out.txt 2> err.txt";
  int status = std::system(line.c_str());
  Bytes out = readFile(path("out.txt")), err = readFile(path("err.txt"));
  std::string text(out.begin(), out.end());
  text.append(err.begin(), err.end());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          text};
}

std::string ToolTest::output(const std::string &command) const {
  Result result = run(command);
  EXPECT_EQ(result.status, 0) << command << "\n" << result.text;
  return result.text;
}

std::string ToolTest::failure(const std::string &command, int status) const {
  Result result = run(command);
  EXPECT_EQ(result.status, status) << command << "\n" << result.text;
  return result.text;
}

void ToolTest::writeModel(TestArtifact &artifact) const {
  writeFile(path("model.fb"), artifact.build());
}

void ToolTest::writeModel() const {
  TestArtifact artifact;
  writeModel(artifact);
}

void ToolTest::addAsset(TestArtifact &artifact, const std::string &name,
                        const Bytes &bytes) {
  auto segment = std::make_unique<fb::SegmentT>();
  segment->kind = fb::SegmentKind_asset;
  auto asset = std::make_unique<fb::AssetT>();
  asset->name = name;
  asset->segment = uint32_t(artifact.program.segments.size());
  artifact.program.segments.push_back(std::move(segment));
  artifact.program.assets.push_back(std::move(asset));
  artifact.contents.push_back(bytes);
}

void ToolTest::writeArray(const std::string &name,
                          const NpyArray &array) const {
  std::string error;
  ASSERT_TRUE(writeNpy(path(name), array, error)) << error;
}

NpyArray ToolTest::readArray(const std::string &name) const {
  NpyArray array;
  std::string error;
  EXPECT_TRUE(readNpy(path(name), array, error)) << error;
  return array;
}

template <typename T>
static NpyArray makeArray(ssmc_dtype dtype, std::vector<int64_t> shape,
                          const std::vector<T> &values) {
  NpyArray array{dtype, std::move(shape), {}};
  array.data.resize(values.size() * sizeof(T));
  std::memcpy(array.data.data(), values.data(), array.data.size());
  return array;
}

NpyArray ssmc::testing::arrayOf(std::vector<int64_t> shape,
                                const std::vector<int64_t> &ids) {
  return makeArray(SSMC_I64, std::move(shape), ids);
}

NpyArray ssmc::testing::arrayOf(std::vector<int64_t> shape,
                                const std::vector<float> &values) {
  return makeArray(SSMC_F32, std::move(shape), values);
}

std::vector<float> ssmc::testing::floatsOf(const NpyArray &array) {
  EXPECT_EQ(array.dtype, SSMC_F32);
  std::vector<float> values(array.data.size() / sizeof(float));
  std::memcpy(values.data(), array.data.data(), array.data.size());
  return values;
}
