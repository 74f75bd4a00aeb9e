#include "ssmc/session.h"
#include "runtime/src/call.h"
#include "runtime/src/device/device.h"
#include "runtime/src/error.h"
#include "runtime/src/state.h"
#include <cinttypes>
#include <ctime>

using namespace ssmc;

namespace {
/// One kernel's times. `kernelOf` in the session gives the order of first use.
struct Times {
  uint64_t calls = 0;
  uint64_t nanoseconds = 0;
  uint64_t flops = 0;
  uint64_t bytes = 0;
  uint64_t elementary = 0;
  uint64_t weightBytes = 0;
};

uint64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1000000000u +
         static_cast<uint64_t>(time.tv_nsec);
}
} // namespace

struct ssmc_session {
  ssmc_session(const ssmc_model &model, ssmc_device &device)
      : model(model), device(device) {}
  ~ssmc_session() {
    if (transient)
      dispose(model.allocator, transient);
  }

  ssmc_status call(const char *entry, const ssmc_tensor *inputs,
                   int32_t inputCount, ssmc_state *state, ssmc_tensor *outputs,
                   int32_t outputCount, ssmc_error *error);

  const ssmc_model &model;
  ssmc_device &device;
  Array<uint8_t> arena;
  Array<uint8_t> converted;        // token ids in the width the kernels read
  Array<const void *> inputData;   // of the present call, per input
  ssmc_state *transient = nullptr; // for entries that drop their state

  bool profiling = false;
  Array<Times> times;       // per kernel
  Array<uint32_t> kernelOf; // per profile row
  uint32_t profileRows = 0;

private:
  ssmc_status reserve(const Call &call, ssmc_error *error);
  void run(const Call &call, ssmc_state *state);
  void runBlock(const Call &call, ssmc_state *state, int64_t start,
                int64_t steps);
  void dispatch(const Dispatch &dispatch, const ssmc_kernel_args &args);
  void convertInputs(const Call &call);
};

// --- Memory -----------------------------------------------------------------

template <typename T>
static ssmc_status grow(const Allocator &allocator, Array<T> &array,
                        Checked count, const char *what, ssmc_error *error) {
  if (count.isAtMost(array.size()))
    return SSMC_OK;
  if (!count.isAtMost(maxElements) ||
      !array.allocateUninitialized(allocator, count.value()))
    return failMemory(error, count.saturated(), what);
  return SSMC_OK;
}

/// Items of one round of `dispatch` for `rows` sequences of `steps` time steps.
static Checked gridSize(const Dispatch &dispatch, uint64_t rows,
                        uint64_t steps) {
  Checked count(dispatch.items);
  if (dispatch.perBatch)
    count = count * rows;
  if (dispatch.rowTile)
    count = count * (Checked(rows) * steps).dividedUp(dispatch.rowTile);
  return count;
}

static Checked roundCount(const Dispatch &dispatch, uint64_t steps) {
  return Checked(dispatch.roundsPerStep) * steps + 1;
}

/// Takes all memory that the call needs, so that nothing can fail later.
ssmc_status ssmc_session::reserve(const Call &call, ssmc_error *error) {
  const Entry &entry = *call.entry;
  uint64_t rows = static_cast<uint64_t>(call.batch);
  uint64_t steps = entry.blockOf(static_cast<uint64_t>(call.length));
  for (uint32_t i = 0; i < entry.dispatches.count; ++i) {
    const Dispatch &dispatch = model.dispatches[entry.dispatches.first + i];
    Checked items =
        gridSize(dispatch, rows, steps) * roundCount(dispatch, steps);
    if (!items.isAtMost(maxElements))
      return fail(error, SSMC_INVALID_ARGUMENT,
                  "a call for %" PRId64 " sequences of length %" PRId64
                  " is too large",
                  call.batch, call.length);
  }
  Checked convertedBytes(0);
  for (uint32_t i = 0; i < entry.inputs.count; ++i) {
    const TensorSpec &spec = model.specs[entry.inputs.first + i];
    if (call.inputs[i].dtype != spec.dtype)
      convertedBytes = convertedBytes + (Checked(elementCount(call.inputs[i])) *
                                         ssmc_dtype_size(spec.dtype))
                                            .alignedUp(memoryAlignment);
  }
  Checked scratchBytes(0);
  for (uint32_t i = 0; i < entry.dispatches.count; ++i) {
    const Kernel &kernel =
        model.kernels[model.dispatches[entry.dispatches.first + i].kernel];
    Checked bytes =
        Checked(kernel.scratchBytesPerStep) * steps + kernel.scratchBytes;
    if (scratchBytes.saturated() < bytes.saturated())
      scratchBytes = bytes;
  }
  const Allocator &allocator = model.allocator;
  ssmc_status status;
  if ((status = device.interface->reserveScratch(
           &device, scratchBytes.saturated(), error)) ||
      (status = grow(allocator, arena, entry.arenaBytes(rows, steps),
                     "activations", error)) ||
      (status = grow(allocator, converted, convertedBytes, "inputs", error)) ||
      (status =
           grow(allocator, inputData, entry.inputs.count, "inputs", error)))
    return status;
  if (entry.stateUse != StateUse::transient ||
      (transient && transient->batch == call.batch))
    return SSMC_OK;
  ssmc_state *made;
  if ((status = makeState(model, call.batch, &made, error)))
    return status;
  if (transient)
    dispose(allocator, transient);
  transient = made;
  return SSMC_OK;
}

void ssmc_session::convertInputs(const Call &call) {
  uint8_t *next = converted.data();
  for (uint32_t i = 0; i < call.entry->inputs.count; ++i) {
    const TensorSpec &spec = model.specs[call.entry->inputs.first + i];
    const ssmc_tensor &tensor = call.inputs[i];
    inputData[i] = tensor.data;
    if (tensor.dtype == spec.dtype)
      continue;
    inputData[i] = next;
    uint64_t count = elementCount(tensor);
    for (uint64_t j = 0; j < count; ++j)
      if (spec.dtype == SSMC_I64)
        reinterpret_cast<int64_t *>(next)[j] = integerAt(tensor, j);
      else
        reinterpret_cast<int32_t *>(next)[j] =
            static_cast<int32_t>(integerAt(tensor, j));
    next += Checked(count * ssmc_dtype_size(spec.dtype))
                .alignedUp(memoryAlignment)
                .value();
  }
}

// --- Running ----------------------------------------------------------------

void ssmc_session::dispatch(const Dispatch &dispatch,
                            const ssmc_kernel_args &args) {
  uint64_t steps = static_cast<uint64_t>(args.length);
  Checked count = gridSize(dispatch, static_cast<uint64_t>(args.batch), steps);
  uint64_t rounds = roundCount(dispatch, steps).value();
  int64_t grain = static_cast<int64_t>(
      dispatch.grain < maxElements ? dispatch.grain : maxElements);
  Work work = {model.kernels[dispatch.kernel].function, &args,
               static_cast<int64_t>(count.value()), grain};
  auto run = [&] {
    for (uint64_t round = 0; round < rounds; ++round) {
      device.interface->run(&device, work);
      work.first += work.count;
    }
  };
  if (!profiling)
    return run();
  uint64_t start = now();
  run();
  Times &row = times[dispatch.kernel];
  if (!row.calls++)
    kernelOf[profileRows++] = dispatch.kernel;
  row.nanoseconds += now() - start;
  Checked batch(static_cast<uint64_t>(args.batch));
  Checked cells = batch * steps;
  Checked weights =
      Checked(dispatch.weightBytesPerStep) * steps + dispatch.bytesFixed;
  row.flops = (cells * dispatch.flopsPerRow + row.flops).saturated();
  row.bytes = (cells * dispatch.bytesPerRow + batch * dispatch.bytesPerBatch +
               weights + row.bytes)
                  .saturated();
  row.elementary =
      (cells * dispatch.elementaryPerRow + row.elementary).saturated();
  row.weightBytes = (weights + row.weightBytes).saturated();
}

/// Runs the entry's dispatches on time steps [start, start + steps).
void ssmc_session::runBlock(const Call &call, ssmc_state *state, int64_t start,
                            int64_t steps) {
  const Entry &entry = *call.entry;
  uint64_t rows = static_cast<uint64_t>(call.batch);
  uint64_t cells = rows * static_cast<uint64_t>(steps);
  uint8_t *batchRegion = arena.data() + entry.arenaFixed;
  uint8_t *rowRegion = batchRegion + entry.arenaBatch * rows;
  // Inputs and outputs that run along the sequence move on with the block.
  auto atStart = [&](const void *data, const TensorSpec &spec) {
    uint64_t skipped =
        spec.perLength ? static_cast<uint64_t>(start) * spec.unitBytes : 0;
    return static_cast<uint8_t *>(const_cast<void *>(data)) + skipped;
  };
  void *buffers[maxOperands];
  int64_t strides[maxOperands];
  ssmc_kernel_args args = {buffers, strides, call.batch, steps};
  for (uint32_t i = 0; i < entry.dispatches.count; ++i) {
    const Dispatch &step = model.dispatches[entry.dispatches.first + i];
    const Operand *operands = &model.operands[step.operands.first];
    for (uint32_t j = 0; j < step.operands.count; ++j) {
      const Operand &operand = operands[j];
      strides[j] = steps;
      switch (operand.kind) {
      case OperandKind::arenaFixed:
        buffers[j] = arena.data() + operand.offset;
        break;
      case OperandKind::arenaBatch:
        buffers[j] = batchRegion + operand.offset * rows;
        break;
      case OperandKind::arenaRow:
        buffers[j] = rowRegion + operand.offset * cells;
        break;
      case OperandKind::weight:
        buffers[j] = const_cast<void *>(model.weights[operand.index].data);
        break;
      case OperandKind::state:
        buffers[j] = state->dataOf(operand.index);
        break;
      case OperandKind::input:
        strides[j] = call.length;
        buffers[j] = atStart(inputData[operand.index],
                             model.specs[entry.inputs.first + operand.index]);
        break;
      case OperandKind::output:
        strides[j] = call.length;
        buffers[j] = atStart(call.outputs[operand.index].data,
                             model.specs[entry.outputs.first + operand.index]);
        break;
      }
    }
    dispatch(step, args);
  }
}

void ssmc_session::run(const Call &call, ssmc_state *state) {
  int64_t block = static_cast<int64_t>(
      call.entry->blockOf(static_cast<uint64_t>(call.length)));
  device.interface->begin(&device);
  for (int64_t start = 0; start < call.length; start += block) {
    int64_t left = call.length - start;
    runBlock(call, state, start, left < block ? left : block);
  }
  device.interface->end(&device);
}

ssmc_status ssmc_session::call(const char *name, const ssmc_tensor *inputs,
                               int32_t inputCount, ssmc_state *state,
                               ssmc_tensor *outputs, int32_t outputCount,
                               ssmc_error *error) {
  Call call;
  call.entry = model.findEntry(name);
  if (!call.entry)
    return fail(error, SSMC_NOT_FOUND, "model '%.100s' has no entry '%.100s'",
                model.name, name);
  if (inputCount < 0 || outputCount < 0 ||
      static_cast<uint32_t>(inputCount) != call.entry->inputs.count ||
      static_cast<uint32_t>(outputCount) != call.entry->outputs.count)
    return fail(error, SSMC_INVALID_ARGUMENT,
                "expected %u inputs and %u outputs for entry '%s', got %d and "
                "%d",
                call.entry->inputs.count, call.entry->outputs.count, name,
                int(inputCount), int(outputCount));
  if ((inputCount && !inputs) || (outputCount && !outputs))
    return fail(error, SSMC_INVALID_ARGUMENT, "'inputs' or 'outputs' is null");
  call.inputs = inputs;
  call.outputs = outputs;
  call.state = state;
  if (ssmc_status status = checkCall(model, call, error))
    return status;
  if (device.interface->runsCode && call.batch && call.length) {
    if (ssmc_status status = reserve(call, error))
      return status;
    convertInputs(call);
    ssmc_state *used = state;
    if (call.entry->stateUse == StateUse::transient) {
      transient->initialize();
      used = transient;
    }
    run(call, used);
  }
  if (state)
    state->position += static_cast<uint64_t>(call.length);
  return SSMC_OK;
}

// --- C API ------------------------------------------------------------------

ssmc_status ssmc_session_create(const ssmc_model *model, ssmc_device *device,
                                ssmc_session **out, ssmc_error *error) {
  clear(error);
  if (!model || !device || !out)
    return fail(error, SSMC_INVALID_ARGUMENT,
                "'model', 'device' or 'out_session' is null");
  *out = nullptr;
  if (device->interface->runsCode && model->kernels.size() &&
      !model->code.data()) {
    char levels[256];
    listLevels(*model, levels, sizeof levels);
    return fail(error, SSMC_INCOMPATIBLE,
                model->file.data()
                    ? "this processor can run none of the code in model "
                      "'%.100s', which is for %s"
                    : "model '%.100s', with code for %s, was opened from "
                      "memory, which cannot be executed",
                model->name, levels);
  }
  if (device->interface->runsCode)
    if (ssmc_status status = device->interface->reserveScratch(
            device, model->maxScratchBytes, error))
      return status;
  ssmc_session *session = make<ssmc_session>(model->allocator, *model, *device);
  if (!session)
    return failMemory(error, sizeof *session, "a session");
  uint64_t kernels = model->kernels.size();
  if (!session->times.allocate(model->allocator, kernels) ||
      !session->kernelOf.allocate(model->allocator, kernels)) {
    dispose(model->allocator, session);
    return failMemory(error, kernels * sizeof(Times), "profile rows");
  }
  *out = session;
  return SSMC_OK;
}

void ssmc_session_destroy(ssmc_session *session) {
  if (session)
    dispose(session->model.allocator, session);
}

ssmc_status ssmc_session_call(ssmc_session *session, const char *entry,
                              const ssmc_tensor *inputs, int32_t input_count,
                              ssmc_state *state, ssmc_tensor *outputs,
                              int32_t output_count, ssmc_error *error) {
  clear(error);
  if (!session || !entry)
    return fail(error, SSMC_INVALID_ARGUMENT, "'session' or 'entry' is null");
  return session->call(entry, inputs, input_count, state, outputs, output_count,
                       error);
}

void ssmc_session_profile(ssmc_session *session, int32_t enable) {
  session->profiling = enable;
  if (!enable)
    return;
  for (Times &row : session->times)
    row = {};
  session->profileRows = 0;
}

ssmc_status ssmc_session_profile_row(const ssmc_session *session, int32_t index,
                                     ssmc_profile_row *out) {
  *out = {};
  if (index < 0 || static_cast<uint32_t>(index) >= session->profileRows)
    return SSMC_NOT_FOUND;
  uint32_t kernel = session->kernelOf[static_cast<uint32_t>(index)];
  const Times &row = session->times[kernel];
  *out = {session->model.kernels[kernel].name,
          row.calls,
          row.nanoseconds,
          row.flops,
          row.bytes,
          row.elementary,
          row.weightBytes};
  return SSMC_OK;
}
