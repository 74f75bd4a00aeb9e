/// State files, format 1, all integers little-endian:
///   [0, 128)  header; `headerHash` covers the bytes before it
///   rows      per state: u32 name length, u32 dtype, u32 rank, u32 zero,
///             u64 extents[rank], the name, zeros up to a multiple of 8
///   tensors   in the same order, each [batch, shape...] row major, each
///             followed by zeros up to a multiple of 8
/// Tensors are in logical order whatever a compiler's layout, so a state moves
/// between targets; `bodyHash` covers everything after the header.
#include "runtime/src/error.h"
#include "runtime/src/state.h"
#include <cinttypes>
#include <cstddef>
#include <cstring>

using namespace ssmc;

namespace {
struct StateHeader {
  uint8_t magic[8];
  uint32_t formatMajor;
  uint32_t formatMinor;
  uint64_t fileSize;
  Hash modelId;
  uint64_t batch;
  uint64_t position;
  uint64_t stateCount;
  Hash bodyHash;
  uint64_t reserved[4]; // zero
  Hash headerHash;
};
static_assert(sizeof(StateHeader) == 128);
static_assert(offsetof(StateHeader, headerHash) == 112);

constexpr uint8_t stateMagic[8] = {0x89, 'S', 'S', 'M', 'S', '\r', '\n', 0x1a};
constexpr uint32_t stateFormatMajor = 1;
constexpr uint32_t stateFormatMinor = 0;

struct RowHeader {
  uint32_t nameLength;
  uint32_t dtype;
  uint32_t rank;
  uint32_t zero;
};

constexpr uint64_t fieldAlignment = 8;

Hash headerHashOf(const StateHeader &header) {
  return hashOf({&header, offsetof(StateHeader, headerHash)});
}

/// The one description of the file's body. `Io` writes it or compares with it.
template <typename Io> ssmc_status walkRows(const ssmc_model &model, Io &io) {
  for (const State &row : model.states) {
    RowHeader header = {static_cast<uint32_t>(strlen(row.name)),
                        static_cast<uint32_t>(row.dtype),
                        static_cast<uint32_t>(row.axes.rank), 0};
    ssmc_status status;
    if ((status = io.fixed(row, &header, sizeof header)) ||
        (status = io.fixed(row, row.axes.shape,
                           header.rank * sizeof row.axes.shape[0])) ||
        (status = io.fixed(row, row.name, header.nameLength)) ||
        (status = io.pad()))
      return status;
  }
  for (uint32_t i = 0; i < model.states.size(); ++i) {
    ssmc_status status;
    if ((status = io.tensor(i)) || (status = io.pad()))
      return status;
  }
  return SSMC_OK;
}

/// Counts the bytes of a file.
struct Sizer {
  uint64_t batch;
  const ssmc_model &model;
  Checked size = sizeof(StateHeader);

  ssmc_status fixed(const State &, const void *, uint64_t bytes) {
    size = size + bytes;
    return SSMC_OK;
  }
  ssmc_status pad() {
    size = size.alignedUp(fieldAlignment);
    return SSMC_OK;
  }
  ssmc_status tensor(uint32_t index) {
    size = size + Checked(model.states[index].bytes) * batch;
    return SSMC_OK;
  }
};

Checked fileSizeOf(const ssmc_model &model, uint64_t batch) {
  Sizer sizer{batch, model};
  (void)walkRows(model, sizer); // counting cannot fail
  return sizer.size;
}

/// Fills memory of exactly `fileSizeOf` zero bytes.
struct Writer {
  const ssmc_state &state;
  uint8_t *out;
  uint64_t used = sizeof(StateHeader);

  ssmc_status fixed(const State &, const void *data, uint64_t bytes) {
    memcpy(out + used, data, static_cast<size_t>(bytes));
    used += bytes;
    return SSMC_OK;
  }
  ssmc_status pad() {
    used = Checked(used).alignedUp(fieldAlignment).value();
    return SSMC_OK;
  }
  ssmc_status tensor(uint32_t index) {
    readLogical(state, index, out + used);
    used +=
        state.model.states[index].bytes * static_cast<uint64_t>(state.batch);
    return SSMC_OK;
  }
};

/// Compares with what the model expects and takes the tensors.
struct Reader {
  ssmc_state &state;
  Span file;
  ssmc_error *error;
  uint64_t used = sizeof(StateHeader);

  ssmc_status fixed(const State &row, const void *wanted, uint64_t bytes) {
    Span seen;
    if (!file.slice(used, bytes, seen) ||
        (bytes && memcmp(seen.data(), wanted, static_cast<size_t>(bytes))))
      return fail(error, SSMC_INCOMPATIBLE,
                  "the file does not describe state '%s' of type %s as the "
                  "model does",
                  row.name, ssmc_dtype_name(row.dtype));
    used += bytes;
    return SSMC_OK;
  }
  ssmc_status pad() {
    uint64_t end = Checked(used).alignedUp(fieldAlignment).saturated();
    Span padding;
    if (!file.slice(used, end - used, padding) || !padding.isZero())
      return fail(error, SSMC_CORRUPT, "expected zero padding at %" PRIu64,
                  used);
    used = end;
    return SSMC_OK;
  }
  ssmc_status tensor(uint32_t index) {
    const State &row = state.model.states[index];
    uint64_t rows = static_cast<uint64_t>(state.batch);
    Span data;
    if (!file.slice(used, row.bytes * rows, data))
      return fail(error, SSMC_CORRUPT, "the file ends inside state '%s'",
                  row.name);
    if (hasNan(row.dtype, data.data(), row.elements * rows))
      return fail(error, SSMC_CORRUPT, "state '%s' holds a NaN", row.name);
    writeLogical(state, index, data.data());
    used += data.size();
    return SSMC_OK;
  }
};
} // namespace

ssmc_status ssmc_state_save(const ssmc_state *state, const char *path,
                            ssmc_error *error) {
  clear(error);
  if (!state || !path)
    return fail(error, SSMC_INVALID_ARGUMENT, "'state' or 'path' is null");
  uint64_t batch = static_cast<uint64_t>(state->batch);
  Checked size = fileSizeOf(state->model, batch);
  Array<uint8_t> image;
  if (!size.isAtMost(2 * maxElements) ||
      !image.allocateUninitialized(state->model.allocator, size.value()))
    return failMemory(error, size.saturated(), "a state file");
  memset(image.data(), 0, static_cast<size_t>(image.size()));
  Writer writer{*state, image.data()};
  (void)walkRows(state->model, writer); // the memory has the right size

  StateHeader header = {};
  memcpy(header.magic, stateMagic, sizeof stateMagic);
  header.formatMajor = stateFormatMajor;
  header.formatMinor = stateFormatMinor;
  header.fileSize = image.size();
  header.modelId = state->model.id;
  header.batch = batch;
  header.position = state->position;
  header.stateCount = state->model.states.size();
  header.bodyHash =
      hashOf({image.data() + sizeof header, image.size() - sizeof header});
  header.headerHash = headerHashOf(header);
  memcpy(image.data(), &header, sizeof header);
  return replaceFile(path, {image.data(), image.size()}, error);
}

static ssmc_status checkHeader(const ssmc_model &model, Span file,
                               StateHeader &header, ssmc_error *error) {
  if (!file.read(0, header) ||
      memcmp(header.magic, stateMagic, sizeof stateMagic))
    return fail(error, SSMC_CORRUPT, "not an ssmc state file");
  if (header.formatMajor != stateFormatMajor ||
      header.formatMinor > stateFormatMinor)
    return fail(error, SSMC_INCOMPATIBLE,
                "expected state format %u.%u or older, got %u.%u",
                stateFormatMajor, stateFormatMinor, header.formatMajor,
                header.formatMinor);
  if (headerHashOf(header) != header.headerHash)
    return fail(error, SSMC_CORRUPT, "the header does not match its hash");
  if (header.modelId != model.id)
    return fail(error, SSMC_INCOMPATIBLE,
                "expected a state of model %016" PRIx64 "%016" PRIx64
                ", got one of model %016" PRIx64 "%016" PRIx64,
                model.id.high, model.id.low, header.modelId.high,
                header.modelId.low);
  if (header.stateCount != model.states.size())
    return fail(error, SSMC_INCOMPATIBLE,
                "expected %" PRIu64 " states, got %" PRIu64,
                model.states.size(), header.stateCount);
  // The size follows from the batch, so a huge batch needs a huge file.
  if (header.batch > maxElements || header.fileSize != file.size() ||
      !fileSizeOf(model, header.batch).is(file.size()))
    return fail(error, SSMC_CORRUPT,
                "expected a file of %" PRIu64 " bytes for %" PRIu64
                " sequences, got %" PRIu64,
                fileSizeOf(model, header.batch).saturated(), header.batch,
                file.size());
  for (uint64_t word : header.reserved)
    if (word)
      return fail(error, SSMC_CORRUPT,
                  "expected reserved header fields to be 0");
  Span body;
  if (!file.slice(sizeof header, file.size() - sizeof header, body) ||
      hashOf(body) != header.bodyHash)
    return fail(error, SSMC_CORRUPT, "the content does not match its hash");
  return SSMC_OK;
}

ssmc_status ssmc_state_load_memory(const ssmc_model *model, const void *data,
                                   size_t size, ssmc_state **out,
                                   ssmc_error *error) {
  clear(error);
  if (!model || !data || !out)
    return fail(error, SSMC_INVALID_ARGUMENT,
                "'model', 'data' or 'out_state' is null");
  *out = nullptr;
  Span file(data, size);
  StateHeader header;
  ssmc_status status;
  ssmc_state *state;
  if ((status = checkHeader(*model, file, header, error)) ||
      (status = makeState(*model, static_cast<int64_t>(header.batch), &state,
                          error)))
    return status;
  state->initialize(); // for the padding between states
  state->position = header.position;
  Reader reader{*state, file, error};
  if ((status = walkRows(*model, reader))) {
    ssmc_state_destroy(state);
    return status;
  }
  *out = state;
  return SSMC_OK;
}

ssmc_status ssmc_state_load(const ssmc_model *model, const char *path,
                            ssmc_state **out, ssmc_error *error) {
  clear(error);
  if (!model || !path || !out)
    return fail(error, SSMC_INVALID_ARGUMENT,
                "'model', 'path' or 'out_state' is null");
  *out = nullptr;
  File file;
  Array<uint8_t> image;
  ssmc_status status;
  if ((status = file.open(path, error)))
    return status;
  if (!image.allocateUninitialized(model->allocator, file.size()))
    return failMemory(error, file.size(), "a state file");
  if ((status = file.read(image.data(), file.size(), 0, error)) ||
      (status = ssmc_state_load_memory(
           model, image.data(), static_cast<size_t>(image.size()), out, error)))
    addContext(error, path);
  return status;
}
