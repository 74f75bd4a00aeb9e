#include "tools/ssmc-run/call.h"
#include "tools/ssmc-run/element.h"
#include <cstring>
#include <numeric>

using namespace ssmc;
using namespace ssmc::run;

bool ssmc::run::loadModel(const LoadOptions &options, LoadedModel &loaded,
                          std::string &error) {
  ssmc_error failure{};
  ssmc_model_options modelOptions;
  ssmc_model_options_init(&modelOptions);
  if (options.verifyFull)
    modelOptions.verify = SSMC_VERIFY_FULL;
  if (!options.cpuLevel.empty())
    modelOptions.cpu_level = options.cpuLevel.c_str();
  // One statement each: `out` hands over at the end of its statement.
  ssmc_status status = ssmc_model_open(options.path.c_str(), &modelOptions,
                                       out(loaded.model), &failure);
  if (status == SSMC_OK)
    status = ssmc_device_create_cpu(options.threads, nullptr,
                                    out(loaded.device), &failure);
  if (status == SSMC_OK)
    status = ssmc_session_create(loaded.model.get(), loaded.device.get(),
                                 out(loaded.session), &failure);
  error = failure.message;
  return status == SSMC_OK;
}

bool ssmc::run::findEntry(const ssmc_model *model, const std::string &name,
                          Entry &out, std::string &error) {
  ssmc_error failure{};
  if (ssmc_model_find_entry(model, name.c_str(), &out.index, &failure) !=
          SSMC_OK ||
      ssmc_model_entry(model, out.index, &out.info) != SSMC_OK) {
    error = failure.message;
    return false;
  }
  out.inputs.resize(out.info.input_count);
  out.outputs.resize(out.info.output_count);
  bool ok = true;
  for (int32_t i = 0; i < out.info.input_count; ++i)
    ok &= ssmc_model_input(model, out.index, i, &out.inputs[i]) == SSMC_OK;
  for (int32_t i = 0; i < out.info.output_count; ++i)
    ok &= ssmc_model_output(model, out.index, i, &out.outputs[i]) == SSMC_OK;
  if (!ok)
    error = "entry '" + name + "': its inputs and outputs cannot be listed";
  return ok;
}

/// The axis of `tensor` whose extent is `symbol`, or -1.
static int findAxis(const ssmc_tensor_info &tensor, int64_t symbol) {
  for (int32_t axis = 0; axis < tensor.rank; ++axis)
    if (tensor.shape[axis] == symbol)
      return axis;
  return -1;
}

static void findExtent(const Entry &entry, const std::vector<NpyArray> &inputs,
                       int64_t symbol, int64_t &extent) {
  for (size_t i = 0; i < std::min(inputs.size(), entry.inputs.size()); ++i) {
    int axis = findAxis(entry.inputs[i], symbol);
    if (axis >= 0 && size_t(axis) < inputs[i].shape.size()) {
      extent = inputs[i].shape[axis];
      return;
    }
  }
}

CallExtents ssmc::run::extentsOf(const Entry &entry,
                                 const std::vector<NpyArray> &inputs) {
  CallExtents extents;
  findExtent(entry, inputs, SSMC_DIM_BATCH, extents.batch);
  findExtent(entry, inputs, SSMC_DIM_LENGTH, extents.length);
  return extents;
}

std::vector<int64_t> ssmc::run::shapeFor(const ssmc_tensor_info &tensor,
                                         const CallExtents &extents) {
  std::vector<int64_t> shape(tensor.shape, tensor.shape + tensor.rank);
  for (int64_t &extent : shape)
    if (extent == SSMC_DIM_BATCH)
      extent = extents.batch;
    else if (extent == SSMC_DIM_LENGTH)
      extent = extents.length;
  return shape;
}

bool ssmc::run::makeState(const ssmc_model *model, int64_t batch, State &out,
                          std::string &error) {
  ssmc_error failure{};
  bool ok = ssmc_state_create(model, batch, run::out(out), &failure) == SSMC_OK;
  error = failure.message;
  return ok;
}

/// readNpy and parseType bound the rank by SSMC_MAX_RANK.
static ssmc_tensor view(const NpyArray &array) {
  ssmc_tensor tensor{};
  // The C type serves inputs and outputs; inputs are only read.
  tensor.data = const_cast<std::byte *>(array.data.data());
  tensor.dtype = array.dtype;
  tensor.rank = int32_t(array.shape.size());
  std::copy(array.shape.begin(), array.shape.end(), tensor.shape);
  return tensor;
}

bool ssmc::run::makeOutputs(const Entry &entry, const CallExtents &extents,
                            std::vector<NpyArray> &outputs,
                            std::string &error) {
  outputs.clear();
  for (const ssmc_tensor_info &output : entry.outputs) {
    std::vector<int64_t> shape = shapeFor(output, extents);
    int64_t count;
    if (!countElements(shape, count)) {
      error = std::string("output '") + output.name +
              "': expected at most 2^48 elements, got " +
              typeText(output.dtype, shape);
      return false;
    }
    size_t bytes = size_t(count) * ssmc_dtype_size(output.dtype);
    outputs.push_back({output.dtype, shape, std::vector<std::byte>(bytes)});
  }
  return true;
}

std::vector<ssmc_tensor>
ssmc::run::viewsOf(const std::vector<NpyArray> &arrays) {
  std::vector<ssmc_tensor> views;
  for (const NpyArray &array : arrays)
    views.push_back(view(array));
  return views;
}

bool ssmc::run::callInto(const LoadedModel &loaded, const Entry &entry,
                         const std::vector<NpyArray> &inputs, ssmc_state *state,
                         std::vector<NpyArray> &outputs, std::string &error) {
  std::vector<ssmc_tensor> inputViews = viewsOf(inputs);
  std::vector<ssmc_tensor> outputViews = viewsOf(outputs);
  ssmc_error failure{};
  if (ssmc_session_call(loaded.session.get(), entry.info.name,
                        inputViews.data(), int32_t(inputViews.size()), state,
                        outputViews.data(), int32_t(outputViews.size()),
                        &failure) == SSMC_OK)
    return true;
  error = failure.message;
  return false;
}

bool ssmc::run::callEntry(const LoadedModel &loaded, const Entry &entry,
                          const std::vector<NpyArray> &inputs,
                          ssmc_state *state, std::vector<NpyArray> &outputs,
                          std::string &error) {
  return makeOutputs(entry, extentsOf(entry, inputs), outputs, error) &&
         callInto(loaded, entry, inputs, state, outputs, error);
}

/// How many rows lie before `axis`, and the bytes of one element of it.
static std::pair<size_t, size_t> splitAt(const NpyArray &array, int axis) {
  size_t outer = 1, inner = ssmc_dtype_size(array.dtype);
  for (int i = 0; i < axis; ++i)
    outer *= size_t(array.shape[i]);
  for (size_t i = axis + 1; i < array.shape.size(); ++i)
    inner *= size_t(array.shape[i]);
  return {outer, inner};
}

static NpyArray slice(const NpyArray &array, int axis, int64_t begin,
                      int64_t count) {
  auto [outer, inner] = splitAt(array, axis);
  NpyArray piece{array.dtype, array.shape, {}};
  piece.shape[axis] = count;
  for (size_t row = 0; row < outer; ++row) {
    const std::byte *from =
        array.data.data() + (row * array.shape[axis] + begin) * inner;
    piece.data.insert(piece.data.end(), from, from + count * inner);
  }
  return piece;
}

static NpyArray join(const std::vector<NpyArray> &pieces, int axis,
                     const std::vector<int64_t> &shape) {
  NpyArray whole{pieces[0].dtype, shape, {}};
  auto [outer, inner] = splitAt(whole, axis);
  for (size_t row = 0; row < outer; ++row)
    for (const NpyArray &piece : pieces) {
      size_t width = piece.data.size() / outer; // no row: not reached
      const std::byte *from = piece.data.data() + row * width;
      whole.data.insert(whole.data.end(), from, from + width);
    }
  return whole;
}

/// What one piece of `callInPieces` passes: `inputs` from `begin` on.
static bool slicePiece(const Entry &entry, const Entry &callee,
                       const std::vector<NpyArray> &inputs, int64_t begin,
                       const CallExtents &extents,
                       std::vector<NpyArray> &arguments, std::string &error) {
  arguments.clear();
  for (size_t i = 0; i < inputs.size(); ++i) {
    int axis = findAxis(entry.inputs[i], SSMC_DIM_LENGTH);
    arguments.push_back(
        axis < 0 ? inputs[i] : slice(inputs[i], axis, begin, extents.length));
    if (&callee == &entry)
      continue;
    // A step may have no sequence axis; the elements are the same.
    std::vector<int64_t> shape = shapeFor(callee.inputs[i], extents);
    int64_t wanted, got;
    if (!countElements(shape, wanted) ||
        !countElements(arguments[i].shape, got) || wanted != got) {
      error = std::string("entry '") + callee.info.name + "': expected input " +
              std::to_string(i) + " to be one time step, " +
              typeText(callee.inputs[i].dtype, shape) + ", got " +
              typeText(arguments[i].dtype, arguments[i].shape);
      return false;
    }
    arguments[i].shape = shape;
  }
  return true;
}

static bool checkPieces(const Entry &entry, const Entry *step,
                        const std::vector<int64_t> &pieces,
                        const std::vector<NpyArray> &inputs,
                        std::string &error) {
  if (step && (step->inputs.size() != entry.inputs.size() ||
               step->outputs.size() != entry.outputs.size())) {
    error = std::string("expected entry '") + step->info.name +
            "' to have the inputs and outputs of '" + entry.info.name + "'";
    return false;
  }
  bool fits = inputs.size() == entry.inputs.size();
  for (size_t i = 0; fits && i < inputs.size(); ++i)
    fits = inputs[i].shape.size() == size_t(entry.inputs[i].rank);
  if (!fits) {
    error = std::string("entry '") + entry.info.name + "': expected " +
            std::to_string(entry.inputs.size()) +
            " inputs of the ranks it declares";
    return false;
  }
  int64_t length = extentsOf(entry, inputs).length;
  int64_t sum = std::accumulate(pieces.begin(), pieces.end(), int64_t(0));
  for (size_t i = 0; i < inputs.size(); ++i) {
    int axis = findAxis(entry.inputs[i], SSMC_DIM_LENGTH);
    if (axis >= 0 && (inputs[i].shape[axis] != sum || sum != length)) {
      error = "expected pieces that sum to the length of input " +
              std::to_string(i) + ", " + std::to_string(inputs[i].shape[axis]) +
              ", got " + std::to_string(sum);
      return false;
    }
  }
  return true;
}

bool ssmc::run::callInPieces(const LoadedModel &loaded, const Entry &entry,
                             const Entry *step,
                             const std::vector<int64_t> &pieces,
                             const std::vector<NpyArray> &inputs,
                             ssmc_state *state, std::vector<NpyArray> &outputs,
                             std::string &error) {
  if (!checkPieces(entry, step, pieces, inputs, error))
    return false;
  CallExtents whole = extentsOf(entry, inputs);
  std::vector<std::vector<NpyArray>> parts(entry.outputs.size());
  int64_t begin = 0;
  for (int64_t length : pieces) {
    const Entry &callee = step && length == 1 ? *step : entry;
    std::vector<NpyArray> arguments, results;
    if (!slicePiece(entry, callee, inputs, begin, {whole.batch, length},
                    arguments, error) ||
        !callEntry(loaded, callee, arguments, state, results, error))
      return false;
    for (size_t i = 0; i < results.size(); ++i)
      parts[i].push_back(std::move(results[i]));
    begin += length;
  }
  outputs.clear();
  for (size_t i = 0; i < parts.size(); ++i) {
    int axis = findAxis(entry.outputs[i], SSMC_DIM_LENGTH);
    outputs.push_back(
        axis < 0 ? parts[i].back()
                 : join(parts[i], axis, shapeFor(entry.outputs[i], whole)));
  }
  return true;
}
