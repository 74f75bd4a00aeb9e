#ifndef SSMC_RUNTIME_MEMORY_H
#define SSMC_RUNTIME_MEMORY_H
#include "ssmc/status.h"
#include <new>
#include <type_traits>
#include <utility>

namespace ssmc {
/// Alignment of every allocation: a cache line, and the widest vector.
constexpr size_t memoryAlignment = 64;

/// The caller's memory functions, or the C library's. Copied into each handle,
/// so that handles stay valid when the caller's struct goes.
class Allocator {
public:
  /// Takes the C library's functions when `functions` is null.
  explicit Allocator(const ssmc_allocator *functions);
  /// False if a member is missing.
  bool isComplete() const { return functions.allocate && functions.release; }
  /// Returns null when memory is out or `size` exceeds the address space.
  void *allocate(uint64_t size) const;
  void release(void *pointer, uint64_t size) const;

private:
  ssmc_allocator functions;
};

/// A fixed number of values, zero-initialized, owned.
template <typename T> class Array {
  static_assert(std::is_trivially_destructible_v<T>);

public:
  Array() = default;
  Array(const Array &) = delete;
  Array &operator=(const Array &) = delete;
  Array(Array &&other) noexcept { swap(other); }
  Array &operator=(Array &&other) noexcept {
    swap(other);
    return *this;
  }
  ~Array() { reset(); }

  /// Replaces the content by `newCount` zero values; false when out of memory,
  /// and then the old content stays.
  [[nodiscard]] bool allocate(const Allocator &from, uint64_t newCount) {
    if (!allocateUninitialized(from, newCount))
      return false;
    for (uint64_t i = 0; i < count; ++i)
      new (&values[i]) T();
    return true;
  }
  /// The same without touching the memory, for large buffers of plain bytes.
  [[nodiscard]] bool allocateUninitialized(const Allocator &from,
                                           uint64_t newCount) {
    if (newCount > UINT64_MAX / sizeof(T))
      return false;
    void *memory = nullptr;
    if (newCount && !(memory = from.allocate(newCount * sizeof(T))))
      return false;
    reset();
    allocator = from;
    values = static_cast<T *>(memory);
    count = newCount;
    return true;
  }
  void reset() {
    if (values)
      allocator.release(values, count * sizeof(T));
    values = nullptr;
    count = 0;
  }
  void swap(Array &other) {
    std::swap(allocator, other.allocator);
    std::swap(values, other.values);
    std::swap(count, other.count);
  }

  T *data() { return values; }
  const T *data() const { return values; }
  uint64_t size() const { return count; }
  T &operator[](uint64_t index) { return values[index]; }
  const T &operator[](uint64_t index) const { return values[index]; }
  T *begin() { return values; }
  T *end() { return values + count; }
  const T *begin() const { return values; }
  const T *end() const { return values + count; }

private:
  Allocator allocator{nullptr};
  T *values = nullptr;
  uint64_t count = 0;
};

/// Makes a handle; null when out of memory.
template <typename T, typename... Arguments>
T *make(const Allocator &allocator, Arguments &&...arguments) {
  void *memory = allocator.allocate(sizeof(T));
  return memory ? new (memory) T(std::forward<Arguments>(arguments)...)
                : nullptr;
}

/// Ends a handle made by `make`; null is allowed.
template <typename T> void dispose(const Allocator &allocator, T *handle) {
  if (!handle)
    return;
  Allocator copy = allocator; // the original often lives in the handle
  handle->~T();
  copy.release(handle, sizeof(T));
}
} // namespace ssmc
#endif
