#include "tools/ssmc-generate/sampler.h"
#include <algorithm>
#include <cmath>
#include <numeric>

// Built with -ffp-contract=off: contracted multiply-adds would round
// differently where the processor has them.

namespace ssmc::generate {

double portableExp(double x) {
  if (x < -708)
    return 0;
  // x = n log 2 + r with |r| <= log(2) / 2; log 2 in two parts, the first short
  // enough that n times it is exact.
  double n = std::floor(x * 1.4426950408889634 + 0.5);
  double r = x - n * 0x1.62e42fefap-1;
  r -= n * 0x1.cf79abc9e3b3ap-40;
  // Taylor's series by Horner's rule: the next term is below 2^-58.
  double sum = 1;
  for (int i = 13; i > 0; --i)
    sum = 1 + sum * r / i;
  return std::ldexp(sum, static_cast<int>(n));
}

/// The finalizer of SplitMix64: a bijection whose output bits each depend on
/// all input bits.
static uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

double randomNumber(uint64_t seed, uint64_t row, uint64_t position) {
  uint64_t bits = mix(mix(mix(seed) ^ row) ^ position);
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

bool Sampler::choose(const float *logits, size_t count, uint64_t row,
                     uint64_t position, int64_t &token, std::string &error) {
  size_t best = 0;
  for (size_t i = 0; i < count; ++i) {
    if (std::isnan(logits[i]) || logits[i] == INFINITY) {
      error = "expected logits below infinity, got " +
              std::string(std::isnan(logits[i]) ? "NaN" : "+infinity") +
              " for token " + std::to_string(i) + " at position " +
              std::to_string(position) + " of row " + std::to_string(row);
      return false;
    }
    if (logits[i] > logits[best])
      best = i;
  }
  if (logits[best] == -INFINITY) {
    error = "expected a token that may follow, got -infinity for all at "
            "position " +
            std::to_string(position) + " of row " + std::to_string(row);
    return false;
  }
  token = options.temperature == 0
              ? static_cast<int64_t>(best)
              : draw(logits, count, best,
                     randomNumber(options.seed, row, position));
  return true;
}

/// Leaves the `topK` most likely tokens, most likely first.
void Sampler::keepLikely(const float *logits) {
  // A total order: the standard library has no choice in it.
  auto likelier = [logits](int32_t a, int32_t b) {
    return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
  };
  if (options.topK && static_cast<size_t>(options.topK) < kept.size()) {
    std::nth_element(kept.begin(), kept.begin() + options.topK, kept.end(),
                     likelier);
    kept.resize(options.topK);
  }
  std::sort(kept.begin(), kept.end(), likelier);
}

int64_t Sampler::draw(const float *logits, size_t count, size_t best,
                      double random) {
  kept.resize(count);
  std::iota(kept.begin(), kept.end(), 0);
  if (options.topK || options.topP < 1)
    keepLikely(logits);
  weights.clear();
  double total = 0;
  for (int32_t token : kept) {
    double below = static_cast<double>(logits[token]) - logits[best];
    weights.push_back(portableExp(below / options.temperature));
    total += weights.back();
  }
  if (options.topP < 1) {
    double wanted = options.topP * total, sum = 0;
    size_t most = 0;
    while (most < kept.size() && (most == 0 || sum < wanted))
      sum += weights[most++];
    kept.resize(most);
    total = sum;
  }
  double target = random * total, sum = 0;
  for (size_t i = 0; i < kept.size(); ++i) {
    sum += weights[i];
    if (target < sum)
      return kept[i];
  }
  // Rounding may leave `target` at the sum: the last token that can follow.
  size_t last = kept.size();
  while (weights[--last] == 0)
    ;
  return kept[last];
}

} // namespace ssmc::generate
