#include "tools/ssmc-run/testing/tool_test.h"

using namespace ssmc;
using namespace ssmc::testing;

namespace {
/// What the tests' artifact computes: the cumulative sum of the tokens' rows,
/// from a state of ones.
std::vector<float> cumulativeSums(const std::vector<int64_t> &ids,
                                  int64_t batch) {
  std::vector<float> y;
  size_t length = ids.size() / size_t(batch);
  for (int64_t b = 0; b < batch; ++b) {
    float sum[channels] = {1, 1, 1, 1};
    for (size_t t = 0; t < length; ++t)
      for (int64_t c = 0; c < channels; ++c)
        y.push_back(sum[c] += tableValue(ids[size_t(b) * length + t], c));
  }
  return y;
}

class SsmcRunTest : public ToolTest {
protected:
  void SetUp() override {
    ToolTest::SetUp();
    if (IsSkipped())
      return;
    writeModel();
    for (int64_t i = 0; i < 2 * 13; ++i)
      ids.push_back(i * 7 % vocabulary);
    writeArray("ids.npy", arrayOf({2, 13}, ids));
    expected = cumulativeSums(ids, 2);
    writeArray("y.npy", arrayOf({2, 13, channels}, expected));
  }
  std::vector<int64_t> ids;
  std::vector<float> expected;
};

TEST_F(SsmcRunTest, WritesWhatTheEntryComputes) {
  EXPECT_EQ(output("ssmc-run model.fb --input=@ids.npy --output=@out.npy"), "");
  NpyArray out = readArray("out.npy");
  EXPECT_EQ(out.shape, (std::vector<int64_t>{2, 13, channels}));
  EXPECT_EQ(floatsOf(out), expected);
}

TEST_F(SsmcRunTest, PrintsASummaryWithoutOutputs) {
  EXPECT_EQ(output("ssmc-run model.fb --input=1x1xi64=2 --threads=1"),
            "y: 1x1x4xf32  min 17  max 20  mean 18.5  [17, 18, 19, 20]\n");
  EXPECT_EQ(output("ssmc-run model.fb --entry=blend --input=1x2x4xf32=2"),
            "y: 1x2x4xf32  min 3  max 3  mean 3  [3, 3, 3, 3, ...]\n");
}

TEST_F(SsmcRunTest, ComparesWithExpectedOutputs) {
  std::string text = output("ssmc-run model.fb --input=@ids.npy "
                            "--expect=@y.npy --rtol=0 --atol=0 --nrmse=0");
  EXPECT_EQ(text.rfind("y: max abs error 0, nrmse 0, worst at ", 0), 0u)
      << text;
  expected[5] += 1;
  writeArray("y.npy", arrayOf({2, 13, channels}, expected));
  text = failure("ssmc-run model.fb --input=@ids.npy --expect=@y.npy");
  EXPECT_NE(text.find("worst at [0, 1, 1]: got "), std::string::npos) << text;
  EXPECT_NE(text.find("ssmc-run: error: y: 1 of 104 elements differ by more "
                      "than 0.0001 + 0.0001 * |expected|\n"),
            std::string::npos)
      << text;
  // Written before the comparison fails, so that it can be looked at.
  failure("ssmc-run model.fb --input=@ids.npy --expect=@y.npy "
          "--output=@out.npy");
  EXPECT_EQ(floatsOf(readArray("out.npy")), cumulativeSums(ids, 2));
}

TEST_F(SsmcRunTest, AnySplitGivesTheSameBits) {
  for (const char *splits : {"13", "8,5", "5,8", "1,1,11", "6,1,6", "0,13,0",
                             "4,4,4,1", "1,1,1,1,1,1,1,1,1,1,1,1,1"})
    for (const char *ones : {"", " --step-ones"})
      output(std::string("ssmc-run model.fb --input=@ids.npy --expect=@y.npy "
                         "--rtol=0 --atol=0 --splits=") +
             splits + ones);
}

TEST_F(SsmcRunTest, StepOnesCallsStep) {
  TestArtifact artifact;
  // With a smaller vocabulary the step refuses what prefill takes.
  artifact.entry("step").inputs[0]->bound = 1;
  writeModel(artifact);
  output("ssmc-run model.fb --input=@ids.npy --splits=12,1");
  EXPECT_NE(
      failure("ssmc-run model.fb --input=@ids.npy --splits=12,1 --step-ones")
          .find("ssmc-run: error: "),
      std::string::npos);
}

TEST_F(SsmcRunTest, RefusesSplitsThatDoNotFit) {
  EXPECT_EQ(failure("ssmc-run model.fb --input=@ids.npy --splits=8,4"),
            "ssmc-run: error: expected pieces that sum to the length of input "
            "0, 13, got 12\n");
  EXPECT_EQ(failure("ssmc-run model.fb --splits=8"),
            "ssmc-run: error: entry 'prefill': expected 1 inputs of the ranks "
            "it declares\n");
  EXPECT_EQ(failure("ssmc-run model.fb --input=@ids.npy --splits=13 "
                    "--entry=forward"),
            "ssmc-run: error: entry 'forward' carries no state: --load-state, "
            "--save-state and --splits need one that does, such as "
            "'prefill'\n");
}

TEST_F(SsmcRunTest, StateFilesContinueASequence) {
  writeArray("head.npy", arrayOf({1, 5}, std::vector<int64_t>(
                                             ids.begin(), ids.begin() + 5)));
  writeArray(
      "tail.npy",
      arrayOf({1, 8}, std::vector<int64_t>(ids.begin() + 5, ids.begin() + 13)));
  output("ssmc-run model.fb --entry=prefill --input=@head.npy "
         "--save-state=s.bin");
  output("ssmc-run model.fb --entry=prefill --input=@tail.npy "
         "--load-state=s.bin --output=@out.npy");
  EXPECT_EQ(floatsOf(readArray("out.npy")),
            std::vector<float>(expected.begin() + 5 * channels,
                               expected.begin() + 13 * channels));
  EXPECT_NE(failure("ssmc-run model.fb --entry=prefill --input=@ids.npy "
                    "--load-state=s.bin")
                .find("ssmc-run: error: "),
            std::string::npos)
      << "a state of one sequence for two";
}

TEST_F(SsmcRunTest, DrawsIdsTheModelKnows) {
  output("ssmc-run model.fb --input=4x100xi64=random --seed=5");
  EXPECT_NE(failure("ssmc-run model.fb --input=1x1xi64=16").find("16"),
            std::string::npos);
}

TEST_F(SsmcRunTest, RefusesOtherCounts) {
  EXPECT_EQ(failure("ssmc-run model.fb --input=@ids.npy --output=@a.npy "
                    "--output=@b.npy"),
            "ssmc-run: error: expected no --output or 1, one per output of "
            "the entry, got 2\n");
  EXPECT_NE(failure("ssmc-run model.fb --input=@ids.npy --input=@ids.npy")
                .find("ssmc-run: error: "),
            std::string::npos);
  EXPECT_NE(failure("ssmc-run model.fb --input=3xf32=0").find("ids"),
            std::string::npos);
  EXPECT_NE(failure("ssmc-run model.fb --entry=absent").find("absent"),
            std::string::npos);
  EXPECT_NE(failure("ssmc-run model.fb --input=@ids.npy --cpu=x86-64-v9")
                .find("x86-64-v9"),
            std::string::npos);
}

TEST_F(SsmcRunTest, VerifiesWeightsWhenAsked) {
  TestArtifact artifact;
  Bytes bytes = artifact.build();
  bytes[artifact.program.segments[0]->offset] ^= 1;
  writeFile(path("model.fb"), bytes);
  output("ssmc-run model.fb --input=@ids.npy");
  EXPECT_NE(failure("ssmc-run model.fb --input=@ids.npy --verify=full")
                .find("match its hash"),
            std::string::npos);
}

class SelfTestTest : public SsmcRunTest {
protected:
  Bytes fileBytes(const std::string &name) const {
    return readFile(path(name));
  }
  /// An artifact whose self test is `prefill` on ids.npy with y.npy.
  TestArtifact make() const {
    TestArtifact artifact;
    addAsset(artifact, "ids", fileBytes("ids.npy"));
    addAsset(artifact, "y", fileBytes("y.npy"));
    fb::SelfTestT &test = *artifact.program.selftests[0];
    test.entry = "prefill";
    test.inputs = {"ids"};
    test.expected = {"y"};
    return artifact;
  }
};

TEST_F(SelfTestTest, Passes) {
  TestArtifact artifact = make();
  writeModel(artifact);
  std::string text = output("ssmc-run model.fb --selftest");
  EXPECT_EQ(text.rfind("self test 0: prefill: y: max abs error 0, ", 0), 0u)
      << text;
  EXPECT_NE(text.find("\n1 passed, 0 failed\n"), std::string::npos) << text;
}

TEST_F(SelfTestTest, FailsOnOtherOutputs) {
  expected.back() += 1;
  writeArray("y.npy", arrayOf({2, 13, channels}, expected));
  TestArtifact artifact = make();
  writeModel(artifact);
  std::string text = failure("ssmc-run model.fb --selftest");
  EXPECT_NE(text.find("0 passed, 1 failed\n"), std::string::npos) << text;
  artifact.program.selftests[0]->atol = 1;
  writeModel(artifact);
  output("ssmc-run model.fb --selftest");
}

TEST_F(SelfTestTest, FailsOnAssetsThatAreNoArrays) {
  writeModel();
  EXPECT_EQ(failure("ssmc-run model.fb --selftest"),
            "0 passed, 1 failed\nssmc-run: error: asset 'tokenizer.json': "
            "expected a .npy file, got other bytes\n");
}

TEST_F(SelfTestTest, FailsWhereThereIsNone) {
  TestArtifact artifact;
  artifact.program.selftests.clear();
  writeModel(artifact);
  EXPECT_EQ(failure("ssmc-run model.fb --selftest"),
            "ssmc-run: error: the artifact bundles no self tests\n");
}
} // namespace
