#include "tools/ssmc-bench/ceilings.h"
#include "tools/ssmc-bench/report.h"
#include "tools/ssmc-run/testing/tool_test.h"
#include <nlohmann/json.hpp>

using namespace ssmc;
using namespace ssmc::testing;

namespace {
class SsmcBenchTest : public ToolTest {
protected:
  nlohmann::json bench(const std::string &arguments) const {
    return nlohmann::json::parse(
        output("ssmc-bench model.fb --repeat=7 --json " + arguments));
  }
};

TEST_F(SsmcBenchTest, CountsWhatTheCallsDid) {
  writeModel();
  // Two rows of 20 time steps, in blocks of 8, 8 and 4, of three dispatches.
  nlohmann::json json =
      bench("--entry=prefill --batch=2 --length=20 --threads=1");
  EXPECT_EQ(json["model"], "cumulative-sum");
  EXPECT_EQ(json["entry"], "prefill");
  EXPECT_EQ(json["threads"], 1);
  EXPECT_EQ(json["calls"], 7);
  EXPECT_EQ(json["weight_bytes"], 256);
  EXPECT_EQ(json["state_bytes"], 24);
  EXPECT_EQ(json["flops_per_call"], 3 * 10 * 40);
  EXPECT_EQ(json["bytes_per_call"], 3 * (20 * 40 + 6 * 20 + (30 + 40 * 2) * 3));
  EXPECT_EQ(json["elementary_per_call"], 3 * 5 * 40);
  ASSERT_EQ(json["profile"]["kernels"].size(), 3u);
  double kernelSeconds = 0;
  for (const nlohmann::json &kernel : json["profile"]["kernels"]) {
    EXPECT_EQ(kernel["calls"], 7 * 3) << kernel["name"];
    kernelSeconds += kernel["seconds"].get<double>();
  }
  EXPECT_LE(kernelSeconds, json["profile"]["seconds"].get<double>());
}

TEST_F(SsmcBenchTest, TimesAreConsistent) {
  writeModel();
  nlohmann::json json = bench("--batch=3");
  EXPECT_EQ(json["entry"], "step");
  EXPECT_EQ(json["length"], 1);
  double least = json["min_seconds"], median = json["median_seconds"];
  EXPECT_GT(least, 0);
  EXPECT_LE(least, median);
  EXPECT_DOUBLE_EQ(json["tokens_per_second"].get<double>(), 3 / median);
  EXPECT_GT(json["machine"]["memory_bytes_per_second"].get<double>(), 1e8);
  EXPECT_GT(json["machine"]["fma_flops_per_second"].get<double>(), 1e8);
}

TEST_F(SsmcBenchTest, PrintsATable) {
  writeModel();
  std::string text = output("ssmc-bench model.fb --repeat=5 --top=1");
  for (const char *part : {"cumulative-sum, step: batch 1, length 1, ",
                           "throughput  ", "% of the peak\n", "\nlimiter     ",
                           "\nkernel ", "\n(2 more)\n", "\noutside kernels "})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST_F(SsmcBenchTest, SaysWhenKernelsStateNoCosts) {
  TestArtifact artifact;
  for (const char *entry : {"prefill", "step"})
    for (size_t i = 0; i < 3; ++i) {
      fb::DispatchT &dispatch = artifact.dispatch(entry, i);
      dispatch.flops_per_row = dispatch.bytes_per_row = 0;
      dispatch.bytes_fixed = dispatch.bytes_per_batch = 0;
      dispatch.weight_bytes_per_step = 0;
    }
  writeModel(artifact);
  std::string text = output("ssmc-bench model.fb --repeat=5");
  EXPECT_NE(text.find("the kernels state no bytes"), std::string::npos) << text;
  EXPECT_NE(text.find("the kernels state no operations"), std::string::npos);
}

TEST_F(SsmcBenchTest, FailsInOneLine) {
  writeModel();
  EXPECT_NE(
      failure("ssmc-bench model.fb --entry=absent").find("ssmc-bench: error: "),
      std::string::npos);
  std::string text = failure("ssmc-bench model.fb --entry=step --length=2");
  EXPECT_EQ(text.rfind("ssmc-bench: error: ", 0), 0u) << text;
  failure("ssmc-bench model.fb --batch=-1", 2);
}

// A cache is not slower than memory; the rest depends on the machine.
// Only that they are rates at all: how they compare depends on the machine and
// on what else it does.
TEST(Ceilings, AreRates) {
  EXPECT_GT(bench::measureReadBandwidth(1, 64 << 20), 1e8);
  EXPECT_GT(bench::measureReadBandwidth(1, 16 << 10), 1e8);
  EXPECT_GT(bench::measureUpdateBandwidth(1, 16 << 10), 1e8);
  EXPECT_GT(bench::measureFmaPeak(1), 1e8);
  EXPECT_GT(bench::measureElementaryRate(1), 1e7);
}
} // namespace
