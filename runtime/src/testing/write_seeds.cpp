/// Writes the seed inputs of fuzz_artifact and fuzz_state into the directories
/// "artifact" and "state" under the one named on the command line.
#include "runtime/src/testing/artifact.h"
#include <cstdio>
#include <filesystem>

using namespace ssmc;
using namespace ssmc::testing;

/// Without code, whose alignment makes a file of 64 KiB: mutations of a small
/// file hit something.
static TestArtifact smallArtifact() {
  TestArtifact artifact;
  artifact.program.variants.clear();
  artifact.program.segments.erase(artifact.program.segments.begin() + 1);
  artifact.contents.erase(artifact.contents.begin() + 1);
  artifact.program.assets[0]->segment = 1;
  return artifact;
}

static bool writeStates(const std::string &directory) {
  Bytes bytes = TestArtifact().build();
  ssmc_error error;
  Model model = openMemory(bytes, &error);
  for (int64_t batch : {0, 1, 3}) {
    ssmc_state *state = nullptr;
    std::string path = directory + "/batch" + std::to_string(batch);
    if (!model || ssmc_state_create(model.get(), batch, &state, &error) ||
        ssmc_state_save(state, path.c_str(), &error)) {
      fprintf(stderr, "%s\n", error.message);
      return false;
    }
    ssmc_state_destroy(state);
  }
  return true;
}

int main(int argc, char **argv) {
  if (argc != 2)
    return 2;
  std::string artifacts = std::string(argv[1]) + "/artifact";
  std::string states = std::string(argv[1]) + "/state";
  std::filesystem::create_directories(artifacts);
  std::filesystem::create_directories(states);

  writeFile(artifacts + "/small", smallArtifact().build());
  TestArtifact splat = smallArtifact();
  splat.program.weights[0]->storage = fb::WeightStorage_splat;
  splat.program.weights[0]->layout = fb::Layout_panels16;
  splat.program.weights[0]->splat = 0.5;
  writeFile(artifacts + "/splat", splat.build());
  TestArtifact permuted = smallArtifact();
  permuted.program.weights[0]->layout = fb::Layout_permuted;
  permuted.program.weights[0]->permutation = {1, 0};
  writeFile(artifacts + "/permuted", permuted.build());
  writeFile(artifacts + "/code", TestArtifact().build());
  return writeStates(states) ? 0 : 1;
}
