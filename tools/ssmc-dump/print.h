#ifndef SSMC_TOOLS_SSMC_DUMP_PRINT_H
#define SSMC_TOOLS_SSMC_DUMP_PRINT_H
#include "tools/ssmc-dump/artifact.h"

namespace ssmc::dump {
/// Sizes, entries, code variants and assets.
void printOverview(const ArtifactFile &artifact);
/// The state table, one row per carried tensor.
void printStates(const fb::Program &program);
/// Kernels, then every entry's instructions with their operands.
void printPlan(const fb::Program &program);
/// One row per weight.
void printWeights(const fb::Program &program);
} // namespace ssmc::dump
#endif
