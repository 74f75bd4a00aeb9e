#include "runtime/src/error.h"
#include "runtime/src/model.h"
#include <cinttypes>
#include <cstring>

using namespace ssmc;

/// Arranges `weight.logicalBytes` row-major bytes as `weight.layout` says.
static void layOut(const Weight &weight, void *out, const void *rowMajor) {
  size_t elementSize = ssmc_dtype_size(weight.dtype);
  if (weight.layout == Layout::panels16)
    copyToPanels(weight.axes.shape[0], weight.axes.shape[1], elementSize, out,
                 rowMajor);
  else
    copyToMemory(weight.axes, elementSize, out, rowMajor);
}

static void fillSplat(const Weight &weight, void *out) {
  size_t elementSize = ssmc_dtype_size(weight.dtype);
  fillScalar(weight.dtype, weight.splat, out, weight.bytes / elementSize);
  uint64_t lastRows = weight.axes.shape[0] % panelRows;
  if (weight.layout != Layout::panels16 || !lastRows)
    return;
  // The rows that only fill the last panel are zero.
  uint64_t columns = weight.axes.shape[1];
  uint64_t columnBytes = panelRows * elementSize;
  char *column =
      static_cast<char *>(out) + weight.bytes - columns * columnBytes;
  for (uint64_t i = 0; i < columns; ++i, column += columnBytes)
    memset(column + lastRows * elementSize, 0,
           (panelRows - lastRows) * elementSize);
}

/// Bytes of `privateWeights` that belong to `weight`.
static uint64_t privateBytes(const Weight &weight) {
  return weight.storage == Storage::segment
             ? 0
             : Checked(weight.bytes).alignedUp(memoryAlignment).value();
}

/// Reads one weight from `file` into `out`. The bytes are hashed after they
/// were copied, so a file that changes meanwhile is found.
static ssmc_status readWeight(const ssmc_model &model, const Weight &weight,
                              const File &file, void *out, ssmc_error *error) {
  Array<uint8_t> temporary;
  void *raw = out;
  if (weight.layout != Layout::rowMajor) {
    if (!temporary.allocateUninitialized(model.allocator, weight.logicalBytes))
      return failMemory(error, weight.logicalBytes, weight.name);
    raw = temporary.data();
  }
  if (ssmc_status status =
          file.read(raw, weight.logicalBytes, weight.offset, error)) {
    addContext(error, weight.name);
    return status;
  }
  if (hashOf({raw, weight.logicalBytes}) != weight.hash)
    return fail(error, SSMC_CORRUPT,
                "weight '%s' in file '%s' does not match its hash", weight.name,
                model.weightFiles[weight.source].name);
  if (raw != out)
    layOut(weight, out, raw);
  return SSMC_OK;
}

/// Reads every weight of external file number `index`.
static ssmc_status readWeightFile(ssmc_model &model, uint32_t index,
                                  const char *directory, ssmc_error *error) {
  const WeightFile &wanted = model.weightFiles[index];
  if (!directory)
    return fail(error, SSMC_INVALID_ARGUMENT,
                "expected a 'weights_directory' that holds '%s'", wanted.name);
  File file;
  if (ssmc_status status = file.openInside(directory, wanted.name, error))
    return status;
  if (file.size() != wanted.size)
    return fail(error, SSMC_CORRUPT,
                "expected weight file '%s' to have %" PRIu64
                " bytes, got %" PRIu64,
                wanted.name, wanted.size, file.size());
  uint64_t next = 0;
  for (Weight &weight : model.weights) {
    if (weight.storage == Storage::file && weight.source == index)
      if (ssmc_status status = readWeight(
              model, weight, file, model.privateWeights.data() + next, error))
        return status;
    next += privateBytes(weight);
  }
  return SSMC_OK;
}

ssmc_status ssmc::bindWeights(ssmc_model &model, const char *directory,
                              ssmc_error *error) {
  Checked total(0);
  for (const Weight &weight : model.weights)
    total = total + privateBytes(weight);
  if (!model.privateWeights.allocateUninitialized(model.allocator,
                                                  total.saturated()))
    return failMemory(error, total.saturated(), "weights");
  uint8_t *next = model.privateWeights.data();
  for (Weight &weight : model.weights) {
    weight.data = weight.storage == Storage::segment
                      ? model.artifact.data() +
                            model.segments[weight.source].offset + weight.offset
                      : next;
    if (weight.storage == Storage::splat)
      fillSplat(weight, next);
    next += privateBytes(weight);
  }
  for (uint32_t i = 0; i < model.weightFiles.size(); ++i)
    if (ssmc_status status = readWeightFile(model, i, directory, error))
      return status;
  return SSMC_OK;
}
