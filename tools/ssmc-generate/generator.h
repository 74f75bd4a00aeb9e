#ifndef SSMC_TOOLS_SSMC_GENERATE_GENERATOR_H
#define SSMC_TOOLS_SSMC_GENERATE_GENERATOR_H
/// The loop that reads a prompt and chooses tokens.
#include "tools/ssmc-generate/sampler.h"
#include <functional>

namespace ssmc::generate {

/// Something that reads tokens of `batch` texts and says what may follow.
class LanguageModel {
public:
  virtual ~LanguageModel() = default;
  virtual int64_t batch() const = 0;
  virtual int64_t vocabulary() const = 0;
  /// How many tokens of each text it has read.
  virtual uint64_t position() const = 0;
  /// Reads `ids`, [batch, length] with length >= 1, and sets `logits` to what
  /// may follow the last, [batch, vocabulary].
  virtual bool read(const std::vector<int64_t> &ids, std::vector<float> &logits,
                    std::string &error) = 0;
};

struct GenerateOptions {
  SamplerOptions sampling;
  int64_t maxNewTokens = 0;
  /// A text ends with the first of these; while others go on it is filled up
  /// with the first in the list.
  std::vector<int64_t> stopIds;
  /// Read the last new token too, so that the model has read all of the text.
  bool readAll = false;
};

struct Generation {
  std::vector<int64_t> tokens; ///< new ones, [batch, length]
  int64_t length = 0;
  /// With `readAll`: the token that would come next of each text, [batch].
  std::vector<int64_t> next;
  double promptSeconds = 0, newSeconds = 0;
};

/// What a text begins with. Exactly one of the two is not empty.
struct Start {
  std::vector<int64_t> prompt; ///< read first, [batch, any length]
  std::vector<int64_t> next;   ///< chosen before, the first new tokens, [batch]
};

/// Called with the newly chosen tokens, [batch]; false ends with `error`.
using OnTokens =
    std::function<bool(const std::vector<int64_t> &tokens, std::string &error)>;

bool generate(LanguageModel &model, const Start &start,
              const GenerateOptions &options, const OnTokens &onTokens,
              Generation &result, std::string &error);

} // namespace ssmc::generate

#endif
