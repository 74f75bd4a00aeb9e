#include "runtime/src/processor.h"
#include <cstdint>
#include <cstring>
#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

using namespace ssmc;

#if defined(__x86_64__)

namespace {
/// What must be saved across context switches for a feature to be usable.
enum class Saved : uint8_t { nothing, ymm, zmm };

/// A feature and its bit in a cpuid register: leaf, subleaf, register (0 = eax
/// to 3 = edx), bit.
struct Feature {
  const char *name;
  uint32_t leaf;
  uint8_t subleaf;
  uint8_t reg;
  uint8_t bit;
  Saved saved;
};

constexpr uint32_t extended = 0x80000001;
constexpr Feature features[] = {
    {"cmov", 1, 0, 3, 15, Saved::nothing},
    {"cx8", 1, 0, 3, 8, Saved::nothing},
    {"fxsr", 1, 0, 3, 24, Saved::nothing},
    {"mmx", 1, 0, 3, 23, Saved::nothing},
    {"x87", 1, 0, 3, 0, Saved::nothing},
    {"sse", 1, 0, 3, 25, Saved::nothing},
    {"sse2", 1, 0, 3, 26, Saved::nothing},
    {"sse3", 1, 0, 2, 0, Saved::nothing},
    {"ssse3", 1, 0, 2, 9, Saved::nothing},
    {"sse4.1", 1, 0, 2, 19, Saved::nothing},
    {"sse4.2", 1, 0, 2, 20, Saved::nothing},
    {"crc32", 1, 0, 2, 20, Saved::nothing},
    {"cx16", 1, 0, 2, 13, Saved::nothing},
    {"movbe", 1, 0, 2, 22, Saved::nothing},
    {"popcnt", 1, 0, 2, 23, Saved::nothing},
    {"xsave", 1, 0, 2, 26, Saved::nothing},
    {"avx", 1, 0, 2, 28, Saved::ymm},
    {"fma", 1, 0, 2, 12, Saved::ymm},
    {"f16c", 1, 0, 2, 29, Saved::ymm},
    {"sahf", extended, 0, 2, 0, Saved::nothing},
    {"lzcnt", extended, 0, 2, 5, Saved::nothing},
    {"bmi", 7, 0, 1, 3, Saved::nothing},
    {"bmi2", 7, 0, 1, 8, Saved::nothing},
    {"avx2", 7, 0, 1, 5, Saved::ymm},
    {"avx512f", 7, 0, 1, 16, Saved::zmm},
    {"avx512dq", 7, 0, 1, 17, Saved::zmm},
    {"avx512cd", 7, 0, 1, 28, Saved::zmm},
    {"avx512bw", 7, 0, 1, 30, Saved::zmm},
    {"avx512vl", 7, 0, 1, 31, Saved::zmm},
    {"avx512vbmi", 7, 0, 2, 1, Saved::zmm},
    {"avx512vbmi2", 7, 0, 2, 6, Saved::zmm},
    {"avx512vnni", 7, 0, 2, 11, Saved::zmm},
    {"avx512fp16", 7, 0, 3, 23, Saved::zmm},
    {"avxvnni", 7, 1, 0, 4, Saved::ymm},
    {"avx512bf16", 7, 1, 0, 5, Saved::zmm},
};
} // namespace

/// Whether the operating system saves the registers `saved` stands for.
static bool systemSaves(Saved saved) {
  if (saved == Saved::nothing)
    return true;
  uint32_t eax, ebx, ecx, edx;
  constexpr uint32_t osxsave = 1u << 27;
  if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & osxsave))
    return false;
  uint32_t low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  // XCR0 bits: 1 xmm, 2 ymm, 5-7 zmm and masks.
  uint32_t wanted = saved == Saved::ymm ? 0x6 : 0xe6;
  return (low & wanted) == wanted;
}

const char *ssmc::processorArchitecture() { return "x86_64"; }

bool ssmc::processorHas(const char *name) {
  for (const Feature &feature : features) {
    if (strcmp(feature.name, name))
      continue;
    uint32_t r[4];
    return __get_cpuid_count(feature.leaf, feature.subleaf, &r[0], &r[1], &r[2],
                             &r[3]) &&
           (r[feature.reg] >> feature.bit & 1) && systemSaves(feature.saved);
  }
  return false;
}

#elif defined(__aarch64__)

namespace {
/// A feature and its bit in the kernel's AT_HWCAP (word 0) or AT_HWCAP2 (1).
struct Feature {
  const char *name;
  uint8_t word;
  uint8_t bit;
};
constexpr Feature features[] = {
    {"fp-armv8", 0, 0},  {"neon", 0, 1},  {"aes", 0, 3},
    {"sha2", 0, 6},      {"crc", 0, 7},   {"lse", 0, 8},
    {"fullfp16", 0, 10}, {"rdm", 0, 12},  {"rcpc", 0, 15},
    {"dotprod", 0, 20},  {"sve", 0, 22},  {"fp16fml", 0, 23},
    {"sve2", 1, 1},      {"i8mm", 1, 13}, {"bf16", 1, 14},
};
} // namespace

const char *ssmc::processorArchitecture() { return "aarch64"; }

bool ssmc::processorHas(const char *name) {
  for (const Feature &feature : features)
    if (!strcmp(feature.name, name))
      return getauxval(feature.word ? AT_HWCAP2 : AT_HWCAP) >> feature.bit & 1;
  return false;
}

#else

const char *ssmc::processorArchitecture() { return "unknown"; }
bool ssmc::processorHas(const char *) { return false; }

#endif
