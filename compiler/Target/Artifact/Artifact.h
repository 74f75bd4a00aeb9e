#ifndef SSMC_TARGET_ARTIFACT_ARTIFACT_H
#define SSMC_TARGET_ARTIFACT_ARTIFACT_H
#include "compiler/Target/Artifact/WeightLayout.h"
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ssmc {
/// Bytes that the caller keeps.
struct ByteView {
  const uint8_t *data = nullptr;
  uint64_t size = 0;
};

/// Where the content of a weight comes from.
struct WeightContent {
  /// Row-major elements. Null for splats.
  ReadBytes read;
  /// Names the content, if not null: weights with the same key, type, shape and
  /// layout are stored once.
  const void *key = nullptr;

  /// Row-major elements at `data`, which also is the key.
  static WeightContent inMemory(const void *data);
};

/// An artifact to write. The lists run parallel to the program's tables.
struct ArtifactDescription {
  /// Complete but for what the writer fills in: `segments`; each weight's
  /// `size`, hash and, in a segment, `source` and `offset`; each variant's and
  /// asset's `segment`. `model_id` comes in as that of the definition and
  /// leaves as that of definition and weights' values.
  fb::ProgramT program;
  std::vector<WeightContent> weights; ///< per program.weights
  std::vector<ByteView> code;         ///< per program.variants
  std::vector<ByteView> assets;       ///< per program.assets
};

/// Called now and then with the bytes of content done and in all.
using WriteProgress = std::function<void(uint64_t done, uint64_t total)>;

/// Writes `description` to the file `path`. On failure sets `error`, and the
/// file is what it was before. Content is streamed: memory stays small, and
/// pages of zeros take no space on the disk. A caller that lives under a limit
/// on file sizes must ignore SIGXFSZ.
bool writeArtifact(ArtifactDescription &description, const std::string &path,
                   const WriteProgress &progress, std::string &error);
} // namespace ssmc
#endif
