#ifndef SSMC_TOOLS_FUZZ_GENERATOR_H
#define SSMC_TOOLS_FUZZ_GENERATOR_H
#include <cstdint>
#include <string>

namespace ssmc::fuzz {

/// The text of a random well-typed module with one `@forward`: recurrences of
/// random shapes, labels, states and bodies, whose values mostly stay bounded,
/// so that a difference means something. The same seed gives the same text.
std::string generateProgram(uint64_t seed);

} // namespace ssmc::fuzz

#endif // SSMC_TOOLS_FUZZ_GENERATOR_H
