#ifndef SSMC_TOOLS_SSMC_GENERATE_ARTIFACT_MODEL_H
#define SSMC_TOOLS_SSMC_GENERATE_ARTIFACT_MODEL_H
/// A language model that an artifact holds: entries 'prefill' and 'step' from
/// ids [batch, length] to logits [batch, length, vocabulary].
#include "tools/ssmc-generate/generator.h"
#include "tools/ssmc-run/call.h"

namespace ssmc::generate {

class ArtifactModel : public LanguageModel {
public:
  /// Takes the entries of `loaded`, which must outlive this, and `state`.
  /// False, with the reason in `error`, if they are not those of a language
  /// model.
  bool open(const run::LoadedModel &loaded, run::State state,
            std::string &error);

  int64_t batch() const override;
  int64_t vocabulary() const override { return vocabularySize; }
  uint64_t position() const override;
  /// One token goes to 'step', more go to 'prefill' in blocks whose logits are
  /// of bounded size.
  bool read(const std::vector<int64_t> &ids, std::vector<float> &logits,
            std::string &error) override;

  const ssmc_state *currentState() const { return state.get(); }

private:
  bool readBlock(const run::Entry &entry, const std::vector<int64_t> &ids,
                 int64_t begin, int64_t length, std::string &error);

  const run::LoadedModel *loaded = nullptr;
  run::Entry prefill, step;
  run::State state;
  int64_t vocabularySize = 0;
  std::vector<NpyArray> outputs; ///< of the last call
};

} // namespace ssmc::generate

#endif
