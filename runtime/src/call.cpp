#include "runtime/src/call.h"
#include "runtime/src/checked.h"
#include "runtime/src/error.h"
#include <cinttypes>
#include <cstdio>

using namespace ssmc;

namespace {
/// "[2, 3, 8]" for messages; extents not known yet are named.
struct ShapeText {
  char text[192];
  ShapeText(const int64_t *shape, int32_t rank, bool isWanted = false) {
    size_t used = 0;
    text[0] = 0;
    for (int32_t i = 0; i < rank; ++i) {
      char extent[24];
      if (isWanted && shape[i] == SSMC_DIM_BATCH)
        snprintf(extent, sizeof extent, "batch");
      else if (isWanted && shape[i] == SSMC_DIM_LENGTH)
        snprintf(extent, sizeof extent, "length");
      else
        snprintf(extent, sizeof extent, "%" PRId64, shape[i]);
      // Eight extents of at most 20 characters fit.
      int length = snprintf(text + used, sizeof text - used, "%s%s",
                            i ? ", " : "[", extent);
      used += static_cast<size_t>(length);
    }
    snprintf(text + used, sizeof text - used, rank ? "]" : "[]");
  }
};
} // namespace

/// Gives `symbol` (-1: not known yet) the extent `seen`; false if it has
/// another.
static bool bindExtent(int64_t &symbol, int64_t seen) {
  if (symbol < 0)
    symbol = seen;
  return symbol == seen;
}

static ssmc_status checkShape(const TensorSpec &spec, const char *what,
                              const ssmc_tensor &tensor, Call &call,
                              ssmc_error *error) {
  if (tensor.rank != spec.rank)
    return fail(error, SSMC_INVALID_ARGUMENT,
                "expected %s '%s' to have rank %d, got %d", what, spec.name,
                int(spec.rank), int(tensor.rank));
  int64_t wanted[SSMC_MAX_RANK];
  bool matches = true;
  Checked elements(1);
  for (int32_t i = 0; i < spec.rank; ++i) {
    int64_t seen = tensor.shape[i];
    wanted[i] = spec.shape[i];
    if (seen < 0)
      matches = false;
    else if (spec.shape[i] == SSMC_DIM_BATCH)
      matches &= bindExtent(call.batch, seen);
    else if (spec.shape[i] == SSMC_DIM_LENGTH)
      matches &= bindExtent(call.length, seen);
    else
      matches &= seen == spec.shape[i];
    if (spec.shape[i] == SSMC_DIM_BATCH && call.batch >= 0)
      wanted[i] = call.batch;
    if (spec.shape[i] == SSMC_DIM_LENGTH && call.length >= 0)
      wanted[i] = call.length;
    elements = elements * static_cast<uint64_t>(seen < 0 ? 0 : seen);
  }
  if (!matches)
    return fail(error, SSMC_INVALID_ARGUMENT,
                "expected %s '%s' to have shape %s, got %s", what, spec.name,
                ShapeText(wanted, spec.rank, true).text,
                ShapeText(tensor.shape, tensor.rank).text);
  if (!elements.isAtMost(maxElements))
    return fail(error, SSMC_INVALID_ARGUMENT,
                "expected %s '%s' to have at most 2^48 elements", what,
                spec.name);
  return SSMC_OK;
}

uint64_t ssmc::elementCount(const ssmc_tensor &tensor) {
  uint64_t count = 1;
  for (int32_t i = 0; i < tensor.rank; ++i)
    count *= static_cast<uint64_t>(tensor.shape[i]);
  return count;
}

/// Token ids may come in either width.
static bool isIdWidthChange(const TensorSpec &spec, ssmc_dtype given) {
  return (spec.dtype == SSMC_I64 && given == SSMC_I32) ||
         (spec.dtype == SSMC_I32 && given == SSMC_I64 && spec.bound &&
          spec.bound <= uint64_t(INT32_MAX) + 1);
}

static ssmc_status checkData(const TensorSpec &spec, const char *what,
                             const ssmc_tensor &tensor, bool mayChangeWidth,
                             ssmc_error *error) {
  if (rawValue(tensor.dtype) > SSMC_U8)
    return fail(error, SSMC_INVALID_ARGUMENT, "%s '%s' has the unknown type %u",
                what, spec.name, rawValue(tensor.dtype));
  if (tensor.dtype != spec.dtype &&
      !(mayChangeWidth && isIdWidthChange(spec, tensor.dtype)))
    return fail(error, SSMC_INVALID_ARGUMENT,
                "expected %s '%s' to have type %s, got %s", what, spec.name,
                ssmc_dtype_name(spec.dtype), ssmc_dtype_name(tensor.dtype));
  if (!elementCount(tensor))
    return SSMC_OK;
  if (!tensor.data)
    return fail(error, SSMC_INVALID_ARGUMENT, "%s '%s' has no data", what,
                spec.name);
  // Sizes are powers of two.
  if (reinterpret_cast<uintptr_t>(tensor.data) &
      (ssmc_dtype_size(tensor.dtype) - 1))
    return fail(error, SSMC_INVALID_ARGUMENT,
                "expected the data of %s '%s' at a multiple of its element "
                "size, %zu bytes",
                what, spec.name, ssmc_dtype_size(tensor.dtype));
  return SSMC_OK;
}

int64_t ssmc::integerAt(const ssmc_tensor &tensor, uint64_t index) {
  switch (tensor.dtype) {
  case SSMC_I64:
    return static_cast<const int64_t *>(tensor.data)[index];
  case SSMC_I32:
    return static_cast<const int32_t *>(tensor.data)[index];
  default:
    return static_cast<const uint8_t *>(tensor.data)[index];
  }
}

/// Kernels index tables with these values: none may be outside.
static ssmc_status checkBound(const TensorSpec &spec, const ssmc_tensor &tensor,
                              ssmc_error *error) {
  if (!spec.bound)
    return SSMC_OK;
  uint64_t count = elementCount(tensor);
  for (uint64_t i = 0; i < count; ++i) {
    int64_t value = integerAt(tensor, i);
    // A negative value becomes a huge one.
    if (static_cast<uint64_t>(value) < spec.bound)
      continue;
    int64_t place[SSMC_MAX_RANK];
    uint64_t rest = i;
    for (int32_t axis = tensor.rank - 1; axis >= 0; --axis) {
      uint64_t extent = static_cast<uint64_t>(tensor.shape[axis]);
      place[axis] = static_cast<int64_t>(rest % extent);
      rest /= extent;
    }
    return fail(error, SSMC_INVALID_ARGUMENT,
                "input '%s' has token %" PRId64
                " at %s, expected a value in [0, %" PRIu64 ")",
                spec.name, value, ShapeText(place, tensor.rank).text,
                spec.bound);
  }
  return SSMC_OK;
}

namespace {
/// The memory of a tensor.
struct Bytes {
  explicit Bytes(const ssmc_tensor &tensor)
      : begin(reinterpret_cast<uintptr_t>(tensor.data)),
        end(begin + elementCount(tensor) * ssmc_dtype_size(tensor.dtype)) {}
  uintptr_t begin, end;

  bool overlaps(const Bytes &other) const {
    return begin != end && other.begin != other.end && begin < other.end &&
           other.begin < end;
  }
};
} // namespace

/// Kernels read inputs after they have begun to write outputs.
static ssmc_status checkOverlap(const ssmc_model &model, const Call &call,
                                ssmc_error *error) {
  const TensorSpec *inputs = &model.specs[call.entry->inputs.first];
  const TensorSpec *outputs = &model.specs[call.entry->outputs.first];
  for (uint32_t i = 0; i < call.entry->outputs.count; ++i) {
    Bytes written(call.outputs[i]);
    for (uint32_t j = 0; j < call.entry->inputs.count; ++j)
      if (written.overlaps(Bytes(call.inputs[j])))
        return fail(error, SSMC_INVALID_ARGUMENT,
                    "the memory of output '%s' and input '%s' overlaps",
                    outputs[i].name, inputs[j].name);
    for (uint32_t j = 0; j < i; ++j)
      if (written.overlaps(Bytes(call.outputs[j])))
        return fail(error, SSMC_INVALID_ARGUMENT,
                    "the memory of outputs '%s' and '%s' overlaps",
                    outputs[i].name, outputs[j].name);
  }
  return SSMC_OK;
}

static ssmc_status checkState(const ssmc_model &model, Call &call,
                              ssmc_error *error) {
  const Entry &entry = *call.entry;
  bool wanted = entry.stateUse == StateUse::carried;
  if (wanted != (call.state != nullptr))
    return fail(error, SSMC_INVALID_ARGUMENT,
                wanted ? "entry '%s' needs a state"
                       : "entry '%s' takes no state",
                entry.name);
  if (!call.state)
    return SSMC_OK;
  if (&call.state->model != &model)
    return fail(error, SSMC_INVALID_ARGUMENT,
                "the state was made from another model");
  if (!bindExtent(call.batch, call.state->batch))
    return fail(error, SSMC_INVALID_ARGUMENT,
                "expected a state for %" PRId64 " sequences, got one for "
                "%" PRId64,
                call.batch, call.state->batch);
  return SSMC_OK;
}

ssmc_status ssmc::checkCall(const ssmc_model &model, Call &call,
                            ssmc_error *error) {
  const Entry &entry = *call.entry;
  constexpr int64_t unknown = -1;
  call.batch =
      entry.fixedBatch ? static_cast<int64_t>(entry.fixedBatch) : unknown;
  call.length =
      entry.fixedLength ? static_cast<int64_t>(entry.fixedLength) : unknown;
  ssmc_status status;
  for (uint32_t i = 0; i < entry.inputs.count; ++i) {
    const TensorSpec &spec = model.specs[entry.inputs.first + i];
    const ssmc_tensor &tensor = call.inputs[i];
    if ((status = checkShape(spec, "input", tensor, call, error)) ||
        (status = checkData(spec, "input", tensor, true, error)) ||
        (status = checkBound(spec, tensor, error)))
      return status;
  }
  if ((status = checkState(model, call, error)))
    return status;
  for (uint32_t i = 0; i < entry.outputs.count; ++i) {
    const TensorSpec &spec = model.specs[entry.outputs.first + i];
    const ssmc_tensor &tensor = call.outputs[i];
    if ((status = checkShape(spec, "output", tensor, call, error)) ||
        (status = checkData(spec, "output", tensor, false, error)))
      return status;
  }
  // What no argument names is one sequence, one step.
  if (call.batch < 0)
    call.batch = 1;
  if (call.length < 0)
    call.length = 1;
  for (uint32_t i = 0; i < entry.outputs.count; ++i)
    if ((!call.batch || !call.length) && elementCount(call.outputs[i]))
      return fail(error, SSMC_INVALID_ARGUMENT,
                  "a call for %" PRId64 " sequences of length %" PRId64
                  " has no value for output '%s'",
                  call.batch, call.length,
                  model.specs[entry.outputs.first + i].name);
  return checkOverlap(model, call, error);
}
