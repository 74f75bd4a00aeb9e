#ifndef SSMC_TOOLS_SSMC_RUN_CALL_H
#define SSMC_TOOLS_SSMC_RUN_CALL_H
#include "tools/npy/npy.h"
#include "tools/ssmc-run/handles.h"
#include <string>
#include <vector>

namespace ssmc::run {
struct LoadOptions {
  std::string path;
  std::string cpuLevel; // empty: the best this processor has
  int threads = 0;      // 0: one per processor
  bool verifyFull = false;
};

/// An artifact made ready to run. Members are destroyed in reverse order.
struct LoadedModel {
  Model model;
  Device device;
  Session session;
};
bool loadModel(const LoadOptions &options, LoadedModel &loaded,
               std::string &error);

/// The signature of one entry.
struct Entry {
  int32_t index;
  ssmc_entry_info info;
  std::vector<ssmc_tensor_info> inputs, outputs;
};
bool findEntry(const ssmc_model *model, const std::string &name, Entry &out,
               std::string &error);

/// What a call's unknown extents are.
struct CallExtents {
  int64_t batch = 1;
  int64_t length = 1;
};
/// Takes the extents from the inputs that have them; the call itself checks
/// whether all of them agree.
CallExtents extentsOf(const Entry &entry, const std::vector<NpyArray> &inputs);
std::vector<int64_t> shapeFor(const ssmc_tensor_info &tensor,
                              const CallExtents &extents);

bool makeState(const ssmc_model *model, int64_t batch, State &out,
               std::string &error);
/// Makes zeroed outputs for a call of these extents.
bool makeOutputs(const Entry &entry, const CallExtents &extents,
                 std::vector<NpyArray> &outputs, std::string &error);
/// What a call takes for `arrays`, which own the data.
std::vector<ssmc_tensor> viewsOf(const std::vector<NpyArray> &arrays);
/// Calls `entry` once, into `outputs` of the right types and shapes.
bool callInto(const LoadedModel &loaded, const Entry &entry,
              const std::vector<NpyArray> &inputs, ssmc_state *state,
              std::vector<NpyArray> &outputs, std::string &error);
/// Both of the above.
bool callEntry(const LoadedModel &loaded, const Entry &entry,
               const std::vector<NpyArray> &inputs, ssmc_state *state,
               std::vector<NpyArray> &outputs, std::string &error);

/// Calls `entry` on consecutive pieces of `inputs` along the sequence axis and
/// joins the outputs; an output without that axis is the last piece's. Pieces
/// of one time step go to `step` where it is not null.
bool callInPieces(const LoadedModel &loaded, const Entry &entry,
                  const Entry *step, const std::vector<int64_t> &pieces,
                  const std::vector<NpyArray> &inputs, ssmc_state *state,
                  std::vector<NpyArray> &outputs, std::string &error);
} // namespace ssmc::run
#endif
