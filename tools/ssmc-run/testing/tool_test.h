#ifndef SSMC_TOOLS_SSMC_RUN_TESTING_TOOL_TEST_H
#define SSMC_TOOLS_SSMC_RUN_TESTING_TOOL_TEST_H
#include "runtime/src/testing/artifact.h"
#include "tools/npy/npy.h"
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace ssmc::testing {
/// Runs tools as a user does, in a folder of their own.
class ToolTest : public ::testing::Test {
protected:
  void SetUp() override;
  void TearDown() override;

  struct Result {
    int status;       ///< of the exit; 128 and more: a signal
    std::string text; ///< standard output, then standard error
  };
  /// Runs `command`, whose first word is a tool, in `folder`.
  Result run(const std::string &command) const;
  /// The text of a run that must succeed.
  std::string output(const std::string &command) const;
  /// The text of a run that must fail with `status`.
  std::string failure(const std::string &command, int status = 1) const;

  /// Writes the tests' artifact, see TestArtifact, to model.fb.
  void writeModel(TestArtifact &artifact) const;
  void writeModel() const;
  /// Adds an asset's bytes in a segment of their own.
  static void addAsset(TestArtifact &artifact, const std::string &name,
                       const Bytes &bytes);
  std::string path(const std::string &name) const;
  void writeArray(const std::string &name, const NpyArray &array) const;
  NpyArray readArray(const std::string &name) const;

  std::string folder;
};

NpyArray arrayOf(std::vector<int64_t> shape, const std::vector<int64_t> &ids);
NpyArray arrayOf(std::vector<int64_t> shape, const std::vector<float> &values);
std::vector<float> floatsOf(const NpyArray &array);
} // namespace ssmc::testing
#endif
