#ifndef SSMC_RUNTIME_CHECKED_H
#define SSMC_RUNTIME_CHECKED_H
/// The only arithmetic and the only pointer steps that may be applied to
/// numbers out of a file or a call. Overflow poisons a value instead of
/// wrapping it, and a poisoned value compares as too large for every limit.
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace ssmc {
class Checked {
public:
  constexpr Checked(uint64_t value) : number(value) {}

  friend Checked operator+(Checked a, Checked b) {
    Checked result(0);
    result.valid = !__builtin_add_overflow(a.number, b.number, &result.number);
    return result.join(a, b);
  }
  friend Checked operator*(Checked a, Checked b) {
    Checked result(0);
    result.valid = !__builtin_mul_overflow(a.number, b.number, &result.number);
    return result.join(a, b);
  }
  /// The least multiple of `alignment`, not 0, that is not below.
  Checked alignedUp(uint64_t alignment) const {
    Checked result = *this + (alignment - 1);
    result.number -= result.number % alignment;
    return result;
  }
  /// Quotient by `divisor`, not 0, rounded up.
  Checked dividedUp(uint64_t divisor) const {
    Checked result(number / divisor + (number % divisor != 0));
    return result.join(*this, *this);
  }
  bool isAtMost(uint64_t limit) const { return valid && number <= limit; }
  bool is(uint64_t other) const { return valid && number == other; }
  /// The number itself; call only after `isAtMost` or `is` said yes.
  uint64_t value() const { return number; }
  /// The number, or the largest one when it overflowed.
  uint64_t saturated() const { return valid ? number : UINT64_MAX; }

private:
  Checked join(Checked a, Checked b) {
    valid &= a.valid & b.valid;
    return *this;
  }
  uint64_t number;
  bool valid = true;
};

/// Bytes somebody else wrote. `slice` and `read` cannot leave them.
class Span {
public:
  Span() = default;
  Span(const void *data, uint64_t size)
      : base(static_cast<const uint8_t *>(data)), length(size) {}

  const uint8_t *data() const { return base; }
  uint64_t size() const { return length; }
  bool contains(uint64_t offset, uint64_t size) const {
    return offset <= length && size <= length - offset;
  }
  /// Sets `out` to the `size` bytes at `offset`; false if not all are inside.
  [[nodiscard]] bool slice(uint64_t offset, uint64_t size, Span &out) const {
    if (!contains(offset, size))
      return false;
    out = Span(base + offset, size);
    return true;
  }
  /// Copies a plain value from `offset`, whatever its alignment.
  template <typename T> [[nodiscard]] bool read(uint64_t offset, T &out) const {
    static_assert(std::is_trivially_copyable_v<T>);
    if (!contains(offset, sizeof(T)))
      return false;
    memcpy(&out, base + offset, sizeof(T));
    return true;
  }
  bool isZero() const {
    for (uint64_t i = 0; i < length; ++i)
      if (base[i])
        return false;
    return true;
  }

private:
  const uint8_t *base = nullptr;
  uint64_t length = 0;
};

/// Upper bounds no real model comes near; they keep all later products small.
constexpr uint64_t maxElements = uint64_t(1) << 48;
constexpr uint32_t maxOperands = 256;
} // namespace ssmc
#endif
