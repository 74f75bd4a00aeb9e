#ifndef SSMC_RUNTIME_HASH_H
#define SSMC_RUNTIME_HASH_H
#include "runtime/src/checked.h"

namespace ssmc {
/// XXH3-128: finds damage, proves nothing about who wrote the bytes.
struct Hash {
  uint64_t low;
  uint64_t high;
  bool operator==(const Hash &other) const {
    return low == other.low && high == other.high;
  }
  bool operator!=(const Hash &other) const { return !(*this == other); }
};
Hash hashOf(Span bytes);
} // namespace ssmc
#endif
