#include "tools/ssmc-generate/sampler.h"
#include <cmath>
#include <gtest/gtest.h>
#include <map>

using namespace ssmc::generate;

namespace {

using Logits = std::vector<float>;

SamplerOptions options(double temperature, int64_t topK = 0, double topP = 1,
                       uint64_t seed = 0) {
  return {temperature, topK, topP, seed};
}

int64_t choose(const SamplerOptions &options, const Logits &logits,
               uint64_t position = 0, uint64_t row = 0) {
  Sampler sampler(options);
  int64_t token = -1;
  std::string error;
  EXPECT_TRUE(
      sampler.choose(logits.data(), logits.size(), row, position, token, error))
      << error;
  return token;
}

std::string failure(const SamplerOptions &options, const Logits &logits) {
  Sampler sampler(options);
  int64_t token;
  std::string error;
  EXPECT_FALSE(
      sampler.choose(logits.data(), logits.size(), 2, 7, token, error));
  return error;
}

/// How often each token is chosen at positions 0 to `count`.
std::map<int64_t, int> histogram(const SamplerOptions &options,
                                 const Logits &logits, int count) {
  std::map<int64_t, int> result;
  Sampler sampler(options);
  std::string error;
  for (int position = 0; position < count; ++position) {
    int64_t token = -1;
    EXPECT_TRUE(sampler.choose(logits.data(), logits.size(), 0, position, token,
                               error));
    ++result[token];
  }
  return result;
}

TEST(Sampler, GreedyTakesTheLowestOfEquals) {
  EXPECT_EQ(choose(options(0), {1, 3, 2, 3}), 1);
  EXPECT_EQ(choose(options(0), {-INFINITY, -5}), 1);
  EXPECT_EQ(choose(options(0), {-0.0f, 0.0f}), 0);
  EXPECT_EQ(choose(options(0), {4}), 0);
}

TEST(Sampler, RefusesWhatIsNoProbability) {
  for (double temperature : {0.0, 1.0}) {
    EXPECT_EQ(failure(options(temperature), {1, NAN, 2}),
              "expected logits below infinity, got NaN for token 1 at position "
              "7 of row 2");
    EXPECT_EQ(failure(options(temperature), {NAN}),
              "expected logits below infinity, got NaN for token 0 at position "
              "7 of row 2");
    EXPECT_EQ(failure(options(temperature), {1, 2, INFINITY}),
              "expected logits below infinity, got +infinity for token 2 at "
              "position 7 of row 2");
    EXPECT_EQ(failure(options(temperature), {-INFINITY, -INFINITY}),
              "expected a token that may follow, got -infinity for all at "
              "position 7 of row 2");
  }
}

TEST(Sampler, DrawsByProbability) {
  // Probabilities 0.1, 0.2 and 0.7; four standard deviations of 20 000 draws.
  Logits logits = {std::log(0.1f), std::log(0.2f), -INFINITY, std::log(0.7f)};
  auto counts = histogram(options(1), logits, 20000);
  EXPECT_NEAR(counts[0], 2000, 170);
  EXPECT_NEAR(counts[1], 4000, 227);
  EXPECT_EQ(counts.count(2), 0u);
  EXPECT_NEAR(counts[3], 14000, 260);
  // At temperature 2 their square roots: 0.201, 0.284, 0.531 of 1.
  double sum = std::sqrt(0.1) + std::sqrt(0.2) + std::sqrt(0.7);
  counts = histogram(options(2), logits, 20000);
  EXPECT_NEAR(counts[0], 20000 * std::sqrt(0.1) / sum, 230);
  EXPECT_NEAR(counts[3], 20000 * std::sqrt(0.7) / sum, 283);
}

TEST(Sampler, SmallTemperaturesAreGreedy) {
  Logits logits = {1, 1.5, 1.25};
  EXPECT_EQ(histogram(options(1e-300), logits, 100),
            (std::map<int64_t, int>{{1, 100}}));
}

TEST(Sampler, LargeTemperaturesAreUniform) {
  auto counts = histogram(options(1e300), {1000, 0, -1000, -INFINITY}, 9000);
  EXPECT_EQ(counts.size(), 3u);
  for (int64_t token : {0, 1, 2})
    EXPECT_NEAR(counts[token], 3000, 179);
}

TEST(Sampler, TopKKeepsTheLowestIdsOfEquals) {
  Logits logits = {1, 3, 2, 2, 2};
  auto tokens = [&](int64_t topK) {
    std::vector<int64_t> result;
    for (auto [token, count] : histogram(options(5, topK), logits, 500))
      result.push_back(token);
    return result;
  };
  EXPECT_EQ(tokens(1), (std::vector<int64_t>{1}));
  EXPECT_EQ(tokens(2), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(tokens(3), (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(tokens(5), (std::vector<int64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(tokens(99), (std::vector<int64_t>{0, 1, 2, 3, 4}));
}

TEST(Sampler, TopPKeepsTheFewestThatReachIt) {
  Logits logits = {std::log(0.2f), std::log(0.5f), std::log(0.3f)};
  auto tokens = [&](double topP, int64_t topK = 0) {
    std::vector<int64_t> result;
    for (auto [token, count] : histogram(options(1, topK, topP), logits, 500))
      result.push_back(token);
    return result;
  };
  EXPECT_EQ(tokens(1e-9), (std::vector<int64_t>{1})) << "at least one";
  EXPECT_EQ(tokens(0.49), (std::vector<int64_t>{1}));
  EXPECT_EQ(tokens(0.51), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(tokens(0.81), (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(tokens(1), (std::vector<int64_t>{0, 1, 2}));
  // Of the two that are left after top-k, token 1 has 5/8.
  EXPECT_EQ(tokens(0.6, 2), (std::vector<int64_t>{1}));
  EXPECT_EQ(tokens(0.65, 2), (std::vector<int64_t>{1, 2}));
}

TEST(Sampler, DependsOnSeedRowAndPositionOnly) {
  Logits logits(1000, 0);
  auto draw = [&](uint64_t seed, uint64_t row) {
    std::vector<int64_t> tokens;
    for (uint64_t position = 0; position < 8; ++position)
      tokens.push_back(choose(options(1, 0, 1, seed), logits, position, row));
    return tokens;
  };
  EXPECT_EQ(draw(1, 0), draw(1, 0));
  EXPECT_NE(draw(1, 0), draw(2, 0));
  EXPECT_NE(draw(1, 0), draw(1, 1));
  // One sampler that chose for other rows in between chooses the same.
  Sampler sampler(options(1, 0, 1, 1));
  std::string error;
  for (uint64_t position = 0; position < 8; ++position)
    for (uint64_t row : {3, 0, 5}) {
      int64_t token;
      ASSERT_TRUE(sampler.choose(logits.data(), logits.size(), row, position,
                                 token, error));
      EXPECT_EQ(token, draw(1, row)[position]);
    }
}

TEST(Sampler, NumbersAreTheSameEverywhere) {
  // Made by an independent computation in integers.
  EXPECT_EQ(randomNumber(0, 0, 0), 0x1.1c13ade1c7e5cp-3);
  EXPECT_EQ(randomNumber(1, 2, 3), 0x1.a0e68ea1fbc6cp-1);
  EXPECT_EQ(randomNumber(~uint64_t(0), 7, 1u << 31), 0x1.1d43301879b9ap-2);
}

TEST(Sampler, ExponentialIsAccurate) {
  EXPECT_EQ(portableExp(0), 1);
  EXPECT_EQ(portableExp(-1000), 0);
  EXPECT_EQ(portableExp(-INFINITY), 0);
  for (double x = 0; x > -708; x -= 0.173) {
    double expected = std::exp(x);
    EXPECT_NEAR(portableExp(x), expected, expected * 5e-16) << x;
  }
}

} // namespace
