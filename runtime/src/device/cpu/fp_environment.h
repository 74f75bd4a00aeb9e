#ifndef SSMC_RUNTIME_DEVICE_CPU_FP_ENVIRONMENT_H
#define SSMC_RUNTIME_DEVICE_CPU_FP_ENVIRONMENT_H
#include <cstdint>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace ssmc {
/// The floating-point control word of this thread. Kernels run with IEEE
/// defaults, whatever the host program or a library in it has set: round to
/// nearest, subnormals kept, no traps.
class FpEnvironment {
public:
  /// Sets the defaults and remembers what was there.
  void enter() {
    saved = get();
    set(defaults);
  }
  void leave() const { set(saved); }

private:
#if defined(__x86_64__)
  static constexpr uint64_t defaults = 0x1f80; // all exceptions masked
  static uint64_t get() { return _mm_getcsr(); }
  static void set(uint64_t word) { _mm_setcsr(static_cast<uint32_t>(word)); }
#elif defined(__aarch64__)
  static constexpr uint64_t defaults = 0;
  static uint64_t get() {
    uint64_t word;
    __asm__ volatile("mrs %0, fpcr" : "=r"(word));
    return word;
  }
  static void set(uint64_t word) {
    __asm__ volatile("msr fpcr, %0" ::"r"(word));
  }
#else
  static constexpr uint64_t defaults = 0;
  static uint64_t get() { return 0; }
  static void set(uint64_t) {}
#endif
  uint64_t saved = 0;
};
} // namespace ssmc
#endif
