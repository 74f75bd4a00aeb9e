#ifndef SSMC_RUNTIME_PROCESSOR_H
#define SSMC_RUNTIME_PROCESSOR_H

namespace ssmc {
/// The architecture this library was built for, as artifacts name it.
const char *processorArchitecture();
/// True if this processor and its operating system support `feature`, named as
/// LLVM names it ("avx2", "neon"). An unknown name is not supported.
bool processorHas(const char *feature);
} // namespace ssmc
#endif
