#include "tools/ssmc-dump/extract.h"
#include "tools/ssmc-run/testing/tool_test.h"
#include <filesystem>
#include <nlohmann/json.hpp>

using namespace ssmc;
using namespace ssmc::testing;
namespace fs = std::filesystem;

namespace {
class SsmcDumpTest : public ToolTest {
protected:
  void expectLines(const std::string &text,
                   const std::vector<std::string> &lines) const {
    for (const std::string &line : lines)
      EXPECT_NE(("\n" + text).find("\n" + line + "\n"), std::string::npos)
          << "missing: " << line << "\n"
          << text;
  }
};

TEST_F(SsmcDumpTest, Overview) {
  writeModel();
  expectLines(
      output("ssmc-dump model.fb"),
      {"model     cumulative-sum, id 99aabbccddeeff001122334455667788",
       "producer  test, kernel abi 1", "weights   1, 256 B",
       "state     2 tensors, 24 B per sequence",
       "  step(ids: BxTxi64 below 16) -> (y: BxTx4xf32)",
       "    state carried, 3 instructions, scratch 64 B + 64 B*B + 128 B*B*T",
       "    in blocks of 8 time steps", "    length 1 only",
       "  blend(x: BxTx4xf32) -> (y: BxTx4xf32)",
       "code: " + std::to_string(kernelCount) + " kernels",
       "  tokenizer.json, 6 B", "  blend on 1 inputs, rtol 0, atol 0"});
}

TEST_F(SsmcDumpTest, States) {
  writeModel();
  expectLines(output("ssmc-dump model.fb --state"),
              {"  sum  recurrent  2x2xf32  [1,0]  1  fixed_size  snapshot",
               "    'left': [0, +1) of axis 1",
               "  steps  counter  i64  []  0  fixed_size  snapshot"});
}

TEST_F(SsmcDumpTest, PlanAndWeights) {
  writeModel();
  expectLines(
      output("ssmc-dump model.fb --plan --weights"),
      {"  blend: 2, 64 B", "prefill(ids: BxTxi64 below 16) -> (y: BxTx4xf32)",
       "     0  lookup, grid 1 * B*T, grain 1",
       "         costs 10 flops and 20 bytes per row, 40 bytes per batch "
       "row, 30 bytes of weights",
       "         read  weight 'table'",
       "         write arena_row [64, +16) bytes/(B*T)",
       "     1  accumulate, grid 4 * B, grain 1", "         write state 'sum'",
       "         write output 'y'",
       "     0  blend, grid 1 * ceil(B*T / 2), grain 1",
       "         read  input 'x'",
       "  table  16x4xf32  row_major  segment 0 at 0, 256 B"});
}

TEST_F(SsmcDumpTest, Extracts) {
  writeModel();
  EXPECT_EQ(output("ssmc-dump model.fb --extract=parts"), "");
  Bytes asset = readFile(path("parts/assets/tokenizer.json"));
  EXPECT_EQ(std::string(asset.begin(), asset.end()), "tokens");
  TestArtifact artifact;
  std::string code = artifact.program.variants[0]->arch + "-baseline.bin";
  EXPECT_EQ(readFile(path("parts/code/" + code)), artifact.contents[1]);
  nlohmann::json index =
      nlohmann::json::parse(readFile(path("parts/index.json")));
  EXPECT_EQ(index["kernels"][3], "blend");
  EXPECT_EQ(index["code"][0]["entries"][3], 1536);
  EXPECT_EQ(index["code"][0]["file"], "code/" + code);
  EXPECT_EQ(index["assets"][0]["file"], "assets/tokenizer.json");
  // A second time it would write over what may have been changed.
  EXPECT_NE(failure("ssmc-dump model.fb --extract=parts").find("File exists"),
            std::string::npos);
}

TEST_F(SsmcDumpTest, WritesNothingOutsideItsDirectory) {
  TestArtifact artifact;
  addAsset(artifact, "../../escape.txt", {'x'});
  addAsset(artifact, "..\\left\\right.txt", {'y'});
  writeModel(artifact);
  output("ssmc-dump model.fb --extract=a/parts");
  EXPECT_TRUE(fs::exists(path("a/parts/assets/escape.txt")));
  EXPECT_TRUE(fs::exists(path("a/parts/assets/right.txt")));
  EXPECT_FALSE(fs::exists(path("escape.txt")));
  EXPECT_FALSE(fs::exists(path("a/escape.txt")));
  addAsset(artifact, "a/..", {'z'});
  writeModel(artifact);
  EXPECT_EQ(failure("ssmc-dump model.fb --extract=b"),
            "ssmc-dump: error: expected a name that can be a file's in "
            "assets, got 'a/..'\n");
}

TEST_F(SsmcDumpTest, RefusesDamagedArtifacts) {
  TestArtifact artifact;
  Bytes bytes = artifact.build();
  bytes[200] ^= 1; // metadata
  writeFile(path("model.fb"), bytes);
  std::string text = failure("ssmc-dump model.fb");
  EXPECT_EQ(text.rfind("ssmc-dump: error: 'model.fb': ", 0), 0u) << text;
  writeFile(path("model.fb"), {});
  EXPECT_EQ(failure("ssmc-dump model.fb"),
            "ssmc-dump: error: 'model.fb': expected a regular file that is "
            "not empty\n");
}

TEST(FileName, KeepsOnlyTheLastPart) {
  std::string name;
  for (auto [text, wanted] : {std::pair("x", "x"),
                              {"/etc/x", "x"},
                              {"a\\b/c\\d", "d"},
                              {"...", "..."},
                              {"..x", "..x"}}) {
    EXPECT_TRUE(dump::fileNameOf(text, name)) << text;
    EXPECT_EQ(name, wanted);
  }
  for (const char *text : {"", "/", "a/", ".", "..", "a/..", "x\ny", "x\x7f"})
    EXPECT_FALSE(dump::fileNameOf(text, name)) << text;
}
} // namespace
