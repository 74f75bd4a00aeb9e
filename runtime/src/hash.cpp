#include "runtime/src/hash.h"
#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace ssmc;

Hash ssmc::hashOf(Span bytes) {
  XXH128_hash_t hash =
      XXH3_128bits(bytes.data(), static_cast<size_t>(bytes.size()));
  return {hash.low64, hash.high64};
}
