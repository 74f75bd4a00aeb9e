#ifndef SSMC_RUNTIME_ARTIFACT_HEADER_H
#define SSMC_RUNTIME_ARTIFACT_HEADER_H
#include <cstdint>

namespace ssmc {
/// The first 128 bytes of an artifact, little-endian, written by the compiler
/// and read before anything else. `header_hash` covers the bytes before it, so
/// one flipped bit anywhere in it is found.
struct ArtifactHeader {
  uint8_t magic[8];
  uint32_t formatMajor; // readers refuse another major
  uint32_t formatMinor; // readers refuse a newer minor
  uint64_t headerSize;  // sizeof(ArtifactHeader)
  uint64_t fileSize;    // of the whole artifact: finds truncation at once
  uint64_t metadataOffset;
  uint64_t metadataSize;
  uint64_t metadataHash[2];  // XXH3-128: low, high
  uint64_t requiredFeatures; // a reader refuses bits it does not know
  uint64_t reserved[5];      // zero
  uint64_t headerHash[2];    // XXH3-128 of bytes [0, 112)
};
static_assert(sizeof(ArtifactHeader) == 128);

// A high first byte and both line endings find text-mode damage, as in PNG.
constexpr uint8_t artifactMagic[8] = {0x89, 'S',  'S',  'M',
                                      'C',  '\r', '\n', 0x1a};
constexpr uint32_t artifactFormatMajor = 1;
constexpr uint32_t artifactFormatMinor = 0;
/// Bits of `requiredFeatures`: a kernel has `scratch_bytes_per_step`; a grid
/// has `rounds_per_step`.
constexpr uint64_t featureScratchPerStep = 1;
constexpr uint64_t featureRounds = 2;
constexpr uint64_t artifactFeatures = featureScratchPerStep | featureRounds;
constexpr uint64_t segmentAlignment = 64;
constexpr uint64_t codeAlignment = 65536;
} // namespace ssmc
#endif
