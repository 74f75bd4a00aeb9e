#include "runtime/src/state.h"
#include "runtime/src/error.h"
#include <cinttypes>
#include <cstring>

using namespace ssmc;

ssmc_status ssmc_state::allocate(ssmc_error *error) {
  uint64_t rows = static_cast<uint64_t>(batch);
  Checked total = model.stateBytes(rows);
  if (!offsets.allocate(model.allocator, model.states.size()) ||
      !total.isAtMost(maxElements) ||
      !data.allocateUninitialized(model.allocator, total.value()))
    return failMemory(error, total.saturated(), "a state");
  uint64_t next = 0;
  for (uint32_t i = 0; i < model.states.size(); ++i) {
    offsets[i] = next;
    next += Checked(model.states[i].bytes * rows)
                .alignedUp(memoryAlignment)
                .value();
  }
  return SSMC_OK;
}

void ssmc_state::initialize() {
  // Padding too, so that equal states are equal bytes.
  if (data.size())
    memset(data.data(), 0, static_cast<size_t>(data.size()));
  for (uint32_t i = 0; i < model.states.size(); ++i) {
    const State &row = model.states[i];
    fillScalar(row.dtype, row.initial, dataOf(i),
               row.elements * static_cast<uint64_t>(batch));
  }
  position = 0;
}

ssmc_status ssmc::makeState(const ssmc_model &model, int64_t batch,
                            ssmc_state **out, ssmc_error *error) {
  *out = nullptr;
  if (batch < 0)
    return fail(error, SSMC_INVALID_ARGUMENT,
                "expected a batch of at least 0, got %" PRId64, batch);
  ssmc_state *state = make<ssmc_state>(model.allocator, model, batch);
  if (!state)
    return failMemory(error, sizeof *state, "a state");
  if (ssmc_status status = state->allocate(error)) {
    dispose(model.allocator, state);
    return status;
  }
  *out = state;
  return SSMC_OK;
}

void ssmc::readLogical(const ssmc_state &state, uint32_t index, void *out) {
  const State &row = state.model.states[index];
  for (int64_t i = 0; i < state.batch; ++i)
    copyToLogical(row.axes, ssmc_dtype_size(row.dtype),
                  static_cast<char *>(out) + i * row.bytes,
                  state.dataOf(index) + i * row.bytes);
}

void ssmc::writeLogical(ssmc_state &state, uint32_t index, const void *data) {
  const State &row = state.model.states[index];
  for (int64_t i = 0; i < state.batch; ++i)
    copyToMemory(row.axes, ssmc_dtype_size(row.dtype),
                 state.dataOf(index) + i * row.bytes,
                 static_cast<const char *>(data) + i * row.bytes);
}

ssmc_status ssmc_state_create(const ssmc_model *model, int64_t batch,
                              ssmc_state **out, ssmc_error *error) {
  clear(error);
  if (!model || !out)
    return fail(error, SSMC_INVALID_ARGUMENT, "'model' or 'out_state' is null");
  if (ssmc_status status = makeState(*model, batch, out, error))
    return status;
  (*out)->initialize();
  return SSMC_OK;
}

ssmc_status ssmc_state_clone(const ssmc_state *state, ssmc_state **out,
                             ssmc_error *error) {
  clear(error);
  if (!state || !out)
    return fail(error, SSMC_INVALID_ARGUMENT, "'state' or 'out_state' is null");
  if (ssmc_status status = makeState(state->model, state->batch, out, error))
    return status;
  if (state->data.size())
    memcpy((*out)->data.data(), state->data.data(),
           static_cast<size_t>(state->data.size()));
  (*out)->position = state->position;
  return SSMC_OK;
}

ssmc_status ssmc_state_gather(const ssmc_state *state, const int64_t *rows,
                              int64_t count, ssmc_state **out,
                              ssmc_error *error) {
  clear(error);
  if (!state || !out || (!rows && count))
    return fail(error, SSMC_INVALID_ARGUMENT,
                "'state', 'rows' or 'out_state' is null");
  *out = nullptr;
  for (int64_t i = 0; i < count; ++i)
    if (rows[i] < 0 || rows[i] >= state->batch)
      return fail(error, SSMC_INVALID_ARGUMENT,
                  "'rows' has %" PRId64 " at [%" PRId64
                  "], expected a value in [0, %" PRId64 ")",
                  rows[i], i, state->batch);
  if (ssmc_status status = makeState(state->model, count, out, error))
    return status;
  ssmc_state &result = **out;
  result.initialize(); // for the padding
  for (uint32_t j = 0; j < state->model.states.size(); ++j) {
    uint64_t bytes = state->model.states[j].bytes;
    for (int64_t i = 0; i < count; ++i)
      memcpy(result.dataOf(j) + static_cast<uint64_t>(i) * bytes,
             state->dataOf(j) + static_cast<uint64_t>(rows[i]) * bytes,
             static_cast<size_t>(bytes));
  }
  result.position = state->position;
  return SSMC_OK;
}

void ssmc_state_reset(ssmc_state *state) {
  if (!state)
    return;
  state->initialize();
  state->checkpoint.reset();
  state->hasCheckpoint = false;
}

ssmc_status ssmc_state_checkpoint(ssmc_state *state, ssmc_error *error) {
  clear(error);
  if (!state)
    return fail(error, SSMC_INVALID_ARGUMENT, "'state' is null");
  uint64_t size = state->data.size();
  // The memory of an earlier checkpoint has the right size.
  if (state->checkpoint.size() != size &&
      !state->checkpoint.allocateUninitialized(state->model.allocator, size))
    return failMemory(error, size, "a checkpoint");
  if (size)
    memcpy(state->checkpoint.data(), state->data.data(),
           static_cast<size_t>(size));
  state->checkpointPosition = state->position;
  state->hasCheckpoint = true;
  return SSMC_OK;
}

ssmc_status ssmc_state_restore(ssmc_state *state, ssmc_error *error) {
  clear(error);
  if (!state)
    return fail(error, SSMC_INVALID_ARGUMENT, "'state' is null");
  if (!state->hasCheckpoint)
    return fail(error, SSMC_NOT_FOUND, "the state has no checkpoint");
  if (state->data.size())
    memcpy(state->data.data(), state->checkpoint.data(),
           static_cast<size_t>(state->data.size()));
  state->position = state->checkpointPosition;
  return SSMC_OK;
}

void ssmc_state_destroy(ssmc_state *state) {
  if (state)
    dispose(state->model.allocator, state);
}

int64_t ssmc_state_batch(const ssmc_state *state) { return state->batch; }

uint64_t ssmc_state_position(const ssmc_state *state) {
  return state->position;
}

/// Checks the arguments that reading and writing share.
static ssmc_status checkAccess(const ssmc_state *state, int32_t index,
                               const void *data, size_t size,
                               ssmc_error *error) {
  clear(error);
  if (!state)
    return fail(error, SSMC_INVALID_ARGUMENT, "'state' is null");
  if (index < 0 || static_cast<uint64_t>(index) >= state->model.states.size())
    return fail(error, SSMC_NOT_FOUND,
                "expected a state number in [0, %" PRIu64 "), got %d",
                state->model.states.size(), int(index));
  const State &row = state->model.states[static_cast<uint64_t>(index)];
  uint64_t wanted = row.bytes * static_cast<uint64_t>(state->batch);
  if (size != wanted)
    return fail(error, SSMC_INVALID_ARGUMENT,
                "expected %" PRIu64 " bytes for state '%s', got %zu", wanted,
                row.name, size);
  if (size && !data)
    return fail(error, SSMC_INVALID_ARGUMENT, "'data' is null");
  return SSMC_OK;
}

ssmc_status ssmc_state_read(const ssmc_state *state, int32_t index, void *data,
                            size_t size, ssmc_error *error) {
  if (ssmc_status status = checkAccess(state, index, data, size, error))
    return status;
  readLogical(*state, static_cast<uint32_t>(index), data);
  return SSMC_OK;
}

ssmc_status ssmc_state_write(ssmc_state *state, int32_t index, const void *data,
                             size_t size, ssmc_error *error) {
  if (ssmc_status status = checkAccess(state, index, data, size, error))
    return status;
  writeLogical(*state, static_cast<uint32_t>(index), data);
  return SSMC_OK;
}
