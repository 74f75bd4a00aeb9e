#ifndef SSMC_TOOLS_SSMC_GENERATE_SAMPLER_H
#define SSMC_TOOLS_SSMC_GENERATE_SAMPLER_H
/// Chooses a token from a model's logits.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ssmc::generate {

struct SamplerOptions {
  double temperature = 0; ///< 0: the most likely token, the lowest id of equals
  int64_t topK = 0;       ///< choose among so many most likely tokens; 0: all
  double topP = 1;        ///< then among the fewest that have this probability
  uint64_t seed = 0;
};

/// A choice depends on the options, the logits, the row and the position in the
/// text alone: not on other rows, earlier choices, the platform or its C++
/// library. So a run that is continued in another process goes on with the same
/// random numbers.
class Sampler {
public:
  explicit Sampler(const SamplerOptions &options) : options(options) {}

  /// Chooses from `count` logits, at least one, for the token that is number
  /// `position` of text number `row`. False, with the reason in `error`, if a
  /// logit is NaN or +infinity or all are -infinity.
  bool choose(const float *logits, size_t count, uint64_t row,
              uint64_t position, int64_t &token, std::string &error);

private:
  int64_t draw(const float *logits, size_t count, size_t best, double random);
  void keepLikely(const float *logits);

  SamplerOptions options;
  std::vector<int32_t> kept;   ///< tokens to draw from
  std::vector<double> weights; ///< of those, not normalized
};

/// A number in [0, 1), uniform over different arguments.
double randomNumber(uint64_t seed, uint64_t row, uint64_t position);

/// exp(x) for x <= 0, the same bits on every platform, to 2 ulp; 0 where the
/// result is below the normal numbers.
double portableExp(double x);

} // namespace ssmc::generate

#endif
