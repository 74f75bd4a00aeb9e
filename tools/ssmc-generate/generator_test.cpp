#include "tools/ssmc-generate/generator.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace ssmc::generate;

namespace {

using Ids = std::vector<int64_t>;

/// Says that token (sum of all tokens read) mod 10 follows, or with `noise`
/// draws on other tokens too.
class SumModel : public LanguageModel {
public:
  explicit SumModel(int64_t batch, float noise = 0)
      : sums(batch, 0), noise(noise) {}

  int64_t batch() const override { return int64_t(sums.size()); }
  int64_t vocabulary() const override { return 10; }
  uint64_t position() const override { return read_; }
  bool read(const Ids &ids, std::vector<float> &logits,
            std::string &error) override {
    size_t length = ids.size() / sums.size();
    if (failAt && read_ + length >= failAt) {
      error = "the device is lost";
      return false;
    }
    read_ += length;
    logits.assign(10 * sums.size(), noise ? 1 / noise : -1);
    for (size_t i = 0; i < ids.size(); ++i)
      sums[i / length] += ids[i];
    for (size_t row = 0; row < sums.size(); ++row)
      logits[10 * row + sums[row] % 10] = nanAt == read_ ? NAN : 2;
    return true;
  }

  Ids sums;
  uint64_t failAt = 0, nanAt = 0;

private:
  float noise;
  uint64_t read_ = 0;
};

GenerateOptions greedy(int64_t count, Ids stops = {}, bool readAll = false) {
  GenerateOptions options;
  options.maxNewTokens = count;
  options.stopIds = std::move(stops);
  options.readAll = readAll;
  return options;
}

Generation run(LanguageModel &model, const Start &start,
               const GenerateOptions &options) {
  Generation result;
  std::string error;
  EXPECT_TRUE(generate(
      model, start, options, [](const Ids &, std::string &) { return true; },
      result, error))
      << error;
  return result;
}

TEST(Generate, FeedsBackWhatItChooses) {
  SumModel model(1);
  // 1 + 2 = 3, + 3 = 6, + 6 = 12, + 2 = 14, + 4 = 18
  Generation result = run(model, {{1, 2}, {}}, greedy(5));
  EXPECT_EQ(result.tokens, (Ids{3, 6, 2, 4, 8}));
  EXPECT_EQ(result.length, 5);
  EXPECT_EQ(model.position(), 2u + 4u) << "the last token need not be read";
}

TEST(Generate, ReadsAllWhenTheStateIsKept) {
  SumModel model(1);
  Generation result = run(model, {{1, 2}, {}}, greedy(5, {}, true));
  EXPECT_EQ(result.tokens, (Ids{3, 6, 2, 4, 8}));
  EXPECT_EQ(model.position(), 2u + 5u);
  EXPECT_EQ(result.next, Ids{6});
  // Going on gives what one long run gives.
  Generation rest = run(model, {{}, result.next}, greedy(3));
  EXPECT_EQ(rest.tokens, (Ids{6, 2, 4}));
  SumModel other(1);
  EXPECT_EQ(run(other, {{1, 2}, {}}, greedy(8)).tokens,
            (Ids{3, 6, 2, 4, 8, 6, 2, 4}));
}

TEST(Generate, ContinuesWithTheSameRandomNumbers) {
  GenerateOptions options = greedy(40);
  options.sampling.temperature = 1;
  options.sampling.seed = 5;
  SumModel once(2, 2);
  Ids whole = run(once, {{1, 2, 3, 4}, {}}, options).tokens;
  EXPECT_NE(Ids(whole.begin(), whole.begin() + 40),
            Ids(whole.begin() + 40, whole.end()));

  SumModel twice(2, 2);
  options.maxNewTokens = 15;
  options.readAll = true;
  Generation first = run(twice, {{1, 2, 3, 4}, {}}, options);
  options.maxNewTokens = 25;
  Generation second = run(twice, {{}, first.next}, options);
  for (int row = 0; row < 2; ++row)
    for (int i = 0; i < 40; ++i)
      EXPECT_EQ(i < 15 ? first.tokens[row * 15 + i]
                       : second.tokens[row * 25 + i - 15],
                whole[row * 40 + i]);
}

TEST(Generate, ZeroTokensReadThePrompt) {
  SumModel model(1);
  Generation result = run(model, {{1, 2}, {}}, greedy(0, {}, true));
  EXPECT_TRUE(result.tokens.empty());
  EXPECT_EQ(model.position(), 2u);
  EXPECT_EQ(result.next, Ids{3});
}

TEST(Generate, StopsAtTheEndOfTheText) {
  SumModel model(1);
  EXPECT_EQ(run(model, {{1, 2}, {}}, greedy(9, {2})).tokens, (Ids{3, 6, 2}));
  SumModel other(1);
  EXPECT_EQ(run(other, {{1, 2}, {}}, greedy(9, {0, 6})).tokens, (Ids{3, 6}));
}

TEST(Generate, FillsUpTextsThatEndedWhileOthersGoOn) {
  SumModel model(2);
  // Row 0 as above ends with 2; row 1: 4, 8, 6, 2.
  Ids seen;
  Generation result;
  std::string error;
  ASSERT_TRUE(generate(
      model, {{1, 2, 1, 3}, {}}, greedy(9, {2}),
      [&](const Ids &tokens, std::string &) {
        seen.insert(seen.end(), tokens.begin(), tokens.end());
        return true;
      },
      result, error));
  EXPECT_EQ(result.length, 4);
  EXPECT_EQ(result.tokens, (Ids{3, 6, 2, 2, 4, 8, 6, 2}));
  EXPECT_EQ(seen, (Ids{3, 4, 6, 8, 2, 6, 2, 2})) << "step by step";
}

TEST(Generate, EndsWithTheFirstError) {
  Generation result;
  std::string error;
  auto ignore = [](const Ids &, std::string &) { return true; };
  SumModel lost(1);
  lost.failAt = 4;
  EXPECT_FALSE(generate(lost, {{1, 2}, {}}, greedy(5), ignore, result, error));
  EXPECT_EQ(error, "the device is lost");

  SumModel nan(1);
  nan.nanAt = 3;
  int chosen = 0;
  auto count = [&](const Ids &, std::string &) { return ++chosen > 0; };
  EXPECT_FALSE(generate(nan, {{1, 2}, {}}, greedy(5), count, result, error));
  EXPECT_EQ(error, "expected logits below infinity, got NaN for token 6 at "
                   "position 3 of row 0");
  EXPECT_EQ(chosen, 1);

  SumModel model(1);
  auto refuse = [](const Ids &, std::string &error) {
    error = "the pipe is closed";
    return false;
  };
  EXPECT_FALSE(generate(model, {{1, 2}, {}}, greedy(5), refuse, result, error));
  EXPECT_EQ(error, "the pipe is closed");
}

} // namespace
