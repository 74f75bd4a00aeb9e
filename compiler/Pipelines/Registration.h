#ifndef SSMC_COMPILER_PIPELINES_REGISTRATION_H
#define SSMC_COMPILER_PIPELINES_REGISTRATION_H

#include "mlir/IR/DialectRegistry.h"

namespace ssmc {

/// Every dialect the compiler reads or makes, with the interfaces it needs.
void registerAllDialects(mlir::DialectRegistry &registry);

/// Every pass and pipeline of the compiler, and the upstream passes its tests
/// use.
void registerPasses();

} // namespace ssmc

#endif // SSMC_COMPILER_PIPELINES_REGISTRATION_H
