#ifndef SSMC_RUNTIME_TESTING_ARTIFACT_H
#define SSMC_RUNTIME_TESTING_ARTIFACT_H
/// Artifacts for tests: a valid one as an editable tree of records, and the
/// writer that lays it out. A test breaks one thing and builds.
#include "runtime/src/artifact_header.h"
#include "runtime/src/hash.h"
#include "runtime/src/schema.h"
#include "ssmc/abi.h"
#include "ssmc/ssmc.h"
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ssmc::testing {
using Bytes = std::vector<uint8_t>;

constexpr int64_t channels = 4;
constexpr int64_t vocabulary = 16;
constexpr int64_t sequenceBlock = 8;
/// Kernel numbers; number N is at 512 * N in the code segment.
enum KernelId { lookup, accumulate, count, blend, echo, relay, kernelCount };

/// Entries "forward" (transient), "prefill" and "step" (carried):
///   y = cumulative sum over time of table[ids], beginning at the state "sum"
/// and without state "blend": y = x * 1.5, and "echo": back = tag, one integer
/// for each of at most 16 sequences, by way of the other two arena regions, and
/// "relay": a sum over time that goes round the channels, in rounds.
/// `sum` is f32 [2, 2] stored transposed and begins at 1; `steps` is i64 [].
struct TestArtifact {
  fb::ProgramT program;
  std::vector<Bytes> contents; // of each segment

  TestArtifact();

  /// Called with the final offsets and hashes in place, to falsify them.
  std::function<void(fb::ProgramT &)> afterLayout;
  /// Called before the header is hashed, and after.
  std::function<void(ArtifactHeader &)> editHeader;
  std::function<void(ArtifactHeader &)> editHashedHeader;

  Bytes build();
  fb::EntryT &entry(const std::string &name);
  fb::DispatchT &dispatch(const std::string &entryName, size_t index);
};

/// table[v, c], exact in f32.
float tableValue(int64_t token, int64_t channel);

Bytes readFile(const std::string &path);
void writeFile(const std::string &path, const Bytes &bytes);
/// A path of this name in a directory of this process that is removed at exit.
std::string temporaryPath(const std::string &name);

/// True where the test kernels can run.
bool canRunKernels();

struct Destroy {
  void operator()(ssmc_model *model) const { ssmc_model_destroy(model); }
  void operator()(ssmc_device *device) const { ssmc_device_destroy(device); }
  void operator()(ssmc_session *session) const {
    ssmc_session_destroy(session);
  }
  void operator()(ssmc_state *state) const { ssmc_state_destroy(state); }
};
using Model = std::unique_ptr<ssmc_model, Destroy>;
using Device = std::unique_ptr<ssmc_device, Destroy>;
using Session = std::unique_ptr<ssmc_session, Destroy>;
using State = std::unique_ptr<ssmc_state, Destroy>;

/// Opens bytes through a file, so that the code is mapped. Null with `error`
/// filled on failure.
Model openFile(const Bytes &bytes, ssmc_error *error,
               const ssmc_model_options *options = nullptr);
Model openMemory(const Bytes &bytes, ssmc_error *error,
                 const ssmc_model_options *options = nullptr);

/// A tensor over `data`.
template <typename T>
ssmc_tensor tensorOf(std::vector<T> &data, std::vector<int64_t> shape) {
  ssmc_tensor tensor = {};
  tensor.data = data.data();
  tensor.dtype = sizeof(T) == 8             ? SSMC_I64
                 : std::is_same_v<T, float> ? SSMC_F32
                                            : SSMC_I32;
  tensor.rank = static_cast<int32_t>(shape.size());
  for (size_t i = 0; i < shape.size(); ++i)
    tensor.shape[i] = shape[i];
  return tensor;
}

/// An allocator that counts, and fails allocation number `failAt` and later.
struct FaultyAllocator {
  int64_t failAt = INT64_MAX;
  int64_t calls = 0;
  int64_t live = 0;
  size_t limit = SIZE_MAX; // of one allocation
  ssmc_allocator functions();
};
} // namespace ssmc::testing
#endif
