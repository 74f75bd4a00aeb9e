#include "tools/ssmc-generate/artifact_model.h"
#include <algorithm>
#include <cstring>

namespace ssmc::generate {
namespace {

/// Time steps per call while a prompt is read, fewer if their logits are large.
constexpr int64_t blockLength = 256;
constexpr int64_t maxLogitsBytes = int64_t(256) << 20;

bool checkEntry(const run::Entry &entry, std::string &error) {
  auto isIds = [](const ssmc_tensor_info &info) {
    return (info.dtype == SSMC_I64 || info.dtype == SSMC_I32) && info.rank == 2;
  };
  auto isLogits = [](const ssmc_tensor_info &info) {
    return info.dtype == SSMC_F32 && info.rank == 3 && info.shape[2] > 0;
  };
  if (entry.inputs.size() == 1 && isIds(entry.inputs[0]) &&
      !entry.outputs.empty() && isLogits(entry.outputs[0]) &&
      entry.info.carries_state)
    return true;
  error = std::string("entry '") + entry.info.name +
          "': expected one of a language model, from ids [batch, length] and a "
          "state to f32 logits [batch, length, vocabulary]";
  return false;
}

} // namespace

bool ArtifactModel::open(const run::LoadedModel &artifact, run::State start,
                         std::string &error) {
  loaded = &artifact;
  state = std::move(start);
  if (!run::findEntry(loaded->model.get(), "prefill", prefill, error) ||
      !run::findEntry(loaded->model.get(), "step", step, error) ||
      !checkEntry(prefill, error) || !checkEntry(step, error))
    return false;
  vocabularySize = step.outputs[0].shape[2];
  if (prefill.outputs[0].shape[2] == vocabularySize)
    return true;
  error = "expected entries 'prefill' and 'step' of one vocabulary, got " +
          std::to_string(prefill.outputs[0].shape[2]) + " and " +
          std::to_string(vocabularySize) + " logits";
  return false;
}

int64_t ArtifactModel::batch() const { return ssmc_state_batch(state.get()); }

uint64_t ArtifactModel::position() const {
  return ssmc_state_position(state.get());
}

bool ArtifactModel::readBlock(const run::Entry &entry,
                              const std::vector<int64_t> &ids, int64_t begin,
                              int64_t length, std::string &error) {
  int64_t total = static_cast<int64_t>(ids.size()) / batch();
  NpyArray block{SSMC_I64, {batch(), length}, {}};
  block.data.resize(batch() * length * sizeof(int64_t));
  for (int64_t row = 0; row < batch(); ++row)
    std::memcpy(&block.data[row * length * sizeof(int64_t)],
                &ids[row * total + begin], length * sizeof(int64_t));
  return run::makeOutputs(entry, {batch(), length}, outputs, error) &&
         run::callInto(*loaded, entry, {block}, state.get(), outputs, error);
}

bool ArtifactModel::read(const std::vector<int64_t> &ids,
                         std::vector<float> &logits, std::string &error) {
  int64_t total = static_cast<int64_t>(ids.size()) / batch();
  int64_t bytesPerStep = batch() * vocabularySize * int64_t(sizeof(float));
  int64_t most = prefill.info.fixed_length;
  if (most == 0)
    most = std::clamp<int64_t>(maxLogitsBytes / bytesPerStep, 1, blockLength);
  int64_t length = 0;
  for (int64_t begin = 0; begin < total; begin += length) {
    length = std::min(most, total - begin);
    // A prefill of fixed length leaves a rest.
    if (length < prefill.info.fixed_length)
      length = 1;
    if (!readBlock(length == 1 ? step : prefill, ids, begin, length, error))
      return false;
  }
  logits.resize(batch() * vocabularySize);
  const NpyArray &all = outputs[0]; // [batch, length, vocabulary]
  for (int64_t row = 0; row < batch(); ++row)
    std::memcpy(
        &logits[row * vocabularySize],
        &all.data[((row + 1) * length - 1) * vocabularySize * sizeof(float)],
        vocabularySize * sizeof(float));
  return true;
}

} // namespace ssmc::generate
