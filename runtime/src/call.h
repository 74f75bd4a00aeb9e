#ifndef SSMC_RUNTIME_CALL_H
#define SSMC_RUNTIME_CALL_H
#include "runtime/src/state.h"
#include "ssmc/tensor.h"

namespace ssmc {
/// A call of an entry, and the extents that its arguments give it.
struct Call {
  const Entry *entry = nullptr;
  int64_t batch = 0;
  int64_t length = 0;
  const ssmc_tensor *inputs = nullptr;
  ssmc_tensor *outputs = nullptr;
  const ssmc_state *state = nullptr;
};

/// Checks every argument and finds the call's extents.
ssmc_status checkCall(const ssmc_model &model, Call &call, ssmc_error *error);

uint64_t elementCount(const ssmc_tensor &tensor);
/// Element `index` of a row-major tensor of integers.
int64_t integerAt(const ssmc_tensor &tensor, uint64_t index);
} // namespace ssmc
#endif
