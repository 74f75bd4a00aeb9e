#ifndef SSMC_TARGET_ARTIFACT_WEIGHTLAYOUT_H
#define SSMC_TARGET_ARTIFACT_WEIGHTLAYOUT_H
#include "runtime/schema/artifact_generated.h"
#include <functional>
#include <string>

namespace ssmc {
/// Sets `out` to `size` bytes of a tensor's row-major content from byte
/// `offset` on, valid until the next call. On failure sets `error`.
using ReadBytes = std::function<bool(uint64_t offset, uint64_t size,
                                     const uint8_t *&out, std::string &error)>;
/// Takes the next bytes of the result.
using WriteBytes =
    std::function<bool(const uint8_t *data, uint64_t size, std::string &error)>;

/// Bytes of one element.
uint64_t elementBytes(fb::DType dtype);
/// Bytes of the weight in row-major order and in its layout.
uint64_t rowMajorBytes(const fb::WeightT &weight);
uint64_t laidOutBytes(const fb::WeightT &weight);

/// Passes the content of `weight` to `write` in its layout, from the first byte
/// to the last. Reads every byte once, from the first to the last. Needs 32 MiB
/// of memory at most beside what `read` needs, which is asked for the whole
/// tensor at once where the layout is `permuted`.
bool layOut(const fb::WeightT &weight, const ReadBytes &read,
            const WriteBytes &write, std::string &error);
} // namespace ssmc
#endif
