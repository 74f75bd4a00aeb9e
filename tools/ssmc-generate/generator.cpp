#include "tools/ssmc-generate/generator.h"
#include <algorithm>
#include <chrono>

namespace ssmc::generate {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class Loop {
public:
  Loop(LanguageModel &model, const GenerateOptions &options)
      : model(model), options(options), sampler(options.sampling),
        batch(static_cast<size_t>(model.batch())), stopped(batch, false) {}

  bool run(const Start &start, const OnTokens &onTokens, Generation &result,
           std::string &error) {
    Clock::time_point begin = Clock::now();
    std::vector<int64_t> tokens = start.next;
    if (tokens.empty()) {
      if (!model.read(start.prompt, logits, error) || !choose(tokens, error))
        return false;
    }
    result.promptSeconds = secondsSince(begin);

    begin = Clock::now();
    std::vector<int64_t> chosen; // [length, batch]
    while (result.length < options.maxNewTokens && !allStopped()) {
      fillStopped(tokens);
      chosen.insert(chosen.end(), tokens.begin(), tokens.end());
      ++result.length;
      if (!onTokens(tokens, error))
        return false;
      bool last = result.length == options.maxNewTokens || allStopped();
      if (last && !options.readAll)
        break;
      if (!model.read(tokens, logits, error) || !choose(tokens, error))
        return false;
    }
    result.newSeconds = secondsSince(begin);
    if (options.readAll)
      result.next = std::move(tokens);
    result.tokens.resize(chosen.size());
    for (size_t i = 0; i < chosen.size(); ++i)
      result.tokens[i % batch * result.length + i / batch] = chosen[i];
    return true;
  }

private:
  bool choose(std::vector<int64_t> &tokens, std::string &error) {
    size_t vocabulary = static_cast<size_t>(model.vocabulary());
    tokens.resize(batch);
    for (size_t row = 0; row < batch; ++row)
      if (!sampler.choose(&logits[row * vocabulary], vocabulary, row,
                          model.position(), tokens[row], error))
        return false;
    return true;
  }

  /// Notes which texts end with `tokens`, and what those that ended get
  /// instead.
  void fillStopped(std::vector<int64_t> &tokens) {
    const std::vector<int64_t> &stops = options.stopIds;
    for (size_t row = 0; row < batch; ++row)
      if (stopped[row])
        tokens[row] = stops[0];
      else
        stopped[row] = std::count(stops.begin(), stops.end(), tokens[row]) > 0;
  }
  bool allStopped() const {
    return std::count(stopped.begin(), stopped.end(), false) == 0;
  }

  LanguageModel &model;
  const GenerateOptions &options;
  Sampler sampler;
  size_t batch;
  std::vector<bool> stopped;
  std::vector<float> logits; ///< [batch, vocabulary]
};

} // namespace

bool generate(LanguageModel &model, const Start &start,
              const GenerateOptions &options, const OnTokens &onTokens,
              Generation &result, std::string &error) {
  result = {};
  return Loop(model, options).run(start, onTokens, result, error);
}

} // namespace ssmc::generate
