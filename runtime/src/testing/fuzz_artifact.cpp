/// Opens arbitrary bytes as an artifact and asks everything about what opens.
/// The hashes would stop a fuzzer at the door, so each input is tried as it is
/// and once more with a header that fits it.
#include "runtime/src/testing/artifact.h"
#include <cstdlib>
#include <cstring>

using namespace ssmc;
using namespace ssmc::testing;

/// Makes the header, but no number in the metadata, true.
static void repairHeader(Bytes &bytes) {
  ArtifactHeader header;
  if (bytes.size() < sizeof header)
    return;
  memcpy(&header, bytes.data(), sizeof header);
  memcpy(header.magic, artifactMagic, sizeof header.magic);
  header.formatMajor = artifactFormatMajor;
  header.formatMinor = artifactFormatMinor;
  header.headerSize = sizeof header;
  header.fileSize = bytes.size();
  header.metadataOffset = sizeof header;
  header.metadataSize =
      std::min<uint64_t>(header.metadataSize, bytes.size() - sizeof header);
  header.requiredFeatures = 0;
  memset(header.reserved, 0, sizeof header.reserved);
  Hash hash = hashOf({bytes.data() + sizeof header, header.metadataSize});
  header.metadataHash[0] = hash.low;
  header.metadataHash[1] = hash.high;
  hash = hashOf({&header, offsetof(ArtifactHeader, headerHash)});
  header.headerHash[0] = hash.low;
  header.headerHash[1] = hash.high;
  memcpy(bytes.data(), &header, sizeof header);
}

/// Strings must end and infos must stay inside their tables.
static void describe(const ssmc_model *model) {
  size_t used = strlen(ssmc_model_name(model));
  for (int32_t i = -1; i <= ssmc_model_entry_count(model); ++i) {
    ssmc_entry_info entry;
    ssmc_tensor_info tensor;
    uint64_t bytes;
    if (ssmc_model_entry(model, i, &entry))
      continue;
    used += strlen(entry.name);
    for (int32_t j = -1; j <= entry.input_count; ++j)
      if (!ssmc_model_input(model, i, j, &tensor))
        used += strlen(tensor.name);
    for (int32_t j = -1; j <= entry.output_count; ++j)
      if (!ssmc_model_output(model, i, j, &tensor))
        used += strlen(tensor.name);
    for (int64_t extent : {int64_t(0), int64_t(3), INT64_MAX})
      used += !ssmc_model_arena_bytes(model, i, extent, extent, &bytes);
  }
  ssmc_state_info state;
  for (int32_t i = 0; !ssmc_model_state(model, i, &state); ++i)
    used += strlen(state.name) + strlen(state.role);
  const char *name;
  for (int32_t i = 0; !ssmc_model_asset_name(model, i, &name); ++i) {
    const void *data;
    size_t size;
    if (ssmc_model_asset(model, name, &data, &size) || (size && !data))
      abort();
    for (size_t j = 0; j < size; ++j)
      used += static_cast<const uint8_t *>(data)[j];
  }
  if (used == SIZE_MAX) // impossible, but the reads must stay
    abort();
}

static void open(const Bytes &bytes) {
  static FaultyAllocator allocator;
  allocator.limit = 1 << 18; // what a bomb asks for is refused, not taken
  ssmc_allocator functions = allocator.functions();
  ssmc_model_options options;
  ssmc_model_options_init(&options);
  options.verify = SSMC_VERIFY_FULL;
  options.allocator = &functions;
  ssmc_error error;
  if (Model model = openMemory(bytes, &error, &options)) {
    describe(model.get());
    ssmc_state *state;
    if (!ssmc_state_create(model.get(), 3, &state, &error)) {
      int64_t rows[] = {2, 0};
      ssmc_state *gathered;
      if (!ssmc_state_gather(state, rows, 2, &gathered, &error))
        ssmc_state_destroy(gathered);
      ssmc_state_destroy(state);
    }
  } else if (error.status == SSMC_OK || !error.message[0]) {
    abort(); // a failure without an explanation
  }
  if (allocator.live)
    abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Bytes bytes(data, data + size);
  if (bytes.empty())
    return 0;
  open(bytes);
  repairHeader(bytes);
  open(bytes);
  return 0;
}
