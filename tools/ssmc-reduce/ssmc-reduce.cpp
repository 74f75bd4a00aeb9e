/// Shrinks a module that shows a bug, as mlir-reduce does, with ssmc's dialects
/// and passes.
#include "compiler/Pipelines/Registration.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  ssmc::registerAllDialects(registry);
  ssmc::registerPasses();
  mlir::MLIRContext context(registry);
  return failed(mlir::mlirReduceMain(argc, argv, context));
}
