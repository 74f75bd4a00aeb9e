#ifndef SSMC_RUNTIME_STATE_H
#define SSMC_RUNTIME_STATE_H
#include "runtime/src/model.h"
#include "ssmc/state.h"

/// All states of all sequences in one block of memory: state i of the model's
/// table lies at `offsets[i]` as [batch, axes in memory order].
struct ssmc_state {
  ssmc_state(const ssmc_model &model, int64_t batch)
      : model(model), batch(batch) {}

  /// Takes memory; the content is undefined.
  ssmc_status allocate(ssmc_error *error);
  /// Sets every element to its initial value and the position to 0.
  void initialize();
  uint8_t *dataOf(uint32_t index) { return data.data() + offsets[index]; }
  const uint8_t *dataOf(uint32_t index) const {
    return data.data() + offsets[index];
  }

  const ssmc_model &model;
  int64_t batch;
  uint64_t position = 0;
  ssmc::Array<uint64_t> offsets;
  ssmc::Array<uint8_t> data;
  ssmc::Array<uint8_t> checkpoint; // empty: there is none
  uint64_t checkpointPosition = 0;
  bool hasCheckpoint = false;
};

namespace ssmc {
/// Makes a state with undefined content.
ssmc_status makeState(const ssmc_model &model, int64_t batch, ssmc_state **out,
                      ssmc_error *error);

/// Copies one state of all sequences between memory and logical order.
void readLogical(const ssmc_state &state, uint32_t index, void *out);
void writeLogical(ssmc_state &state, uint32_t index, const void *data);
} // namespace ssmc
#endif
