/// Loads arbitrary bytes as a state of the test model, as they are and with
/// hashes that fit them. What loads must save to the same bytes.
#include "runtime/src/testing/artifact.h"
#include <cstdlib>
#include <cstring>

using namespace ssmc;
using namespace ssmc::testing;

/// Positions of the header's fields that are repaired; see state_file.cpp.
enum { headerSize = 128, fileSize = 16, bodyHash = 64, headerHash = 112 };

static void put(Bytes &bytes, size_t at, Hash hash) {
  memcpy(&bytes[at], &hash.low, 8);
  memcpy(&bytes[at + 8], &hash.high, 8);
}

static void repairHeader(Bytes &bytes) {
  uint64_t size = bytes.size();
  if (size < headerSize)
    return;
  memcpy(&bytes[fileSize], &size, sizeof size);
  put(bytes, bodyHash, hashOf({&bytes[headerSize - 1] + 1, size - headerSize}));
  put(bytes, headerHash, hashOf({bytes.data(), headerHash}));
}

static void load(const ssmc_model *model, const Bytes &bytes) {
  ssmc_error error;
  ssmc_state *state;
  if (ssmc_state_load_memory(model, bytes.data(), bytes.size(), &state,
                             &error)) {
    if (state || error.status == SSMC_OK || !error.message[0])
      abort();
    return;
  }
  ssmc_state *clone;
  if (ssmc_state_clone(state, &clone, &error))
    abort();
  ssmc_state_destroy(clone);
  // Saving to disk is slow: sometimes is enough.
  static unsigned loads;
  if (loads++ % 256 == 0) {
    std::string path = temporaryPath("fuzz-state");
    if (ssmc_state_save(state, path.c_str(), &error) || readFile(path) != bytes)
      abort();
  }
  ssmc_state_destroy(state);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const Bytes artifact = TestArtifact().build();
  static ssmc_error error;
  static const Model model = openMemory(artifact, &error);
  Bytes bytes(data, data + size);
  if (!model)
    abort();
  if (bytes.empty())
    return 0;
  load(model.get(), bytes);
  repairHeader(bytes);
  load(model.get(), bytes);
  return 0;
}
