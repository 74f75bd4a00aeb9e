#include "runtime/src/memory.h"
#include <cstdlib>

using namespace ssmc;

static void *allocateDefault(void *, size_t size, size_t alignment) {
  void *result = nullptr;
  return posix_memalign(&result, alignment, size) ? nullptr : result;
}

static void releaseDefault(void *, void *pointer, size_t) { free(pointer); }

Allocator::Allocator(const ssmc_allocator *given)
    : functions(
          given ? *given
                : ssmc_allocator{nullptr, allocateDefault, releaseDefault}) {}

void *Allocator::allocate(uint64_t size) const {
  if (size > SIZE_MAX / 2)
    return nullptr;
  return functions.allocate(functions.user, static_cast<size_t>(size),
                            memoryAlignment);
}

void Allocator::release(void *pointer, uint64_t size) const {
  functions.release(functions.user, pointer, static_cast<size_t>(size));
}
