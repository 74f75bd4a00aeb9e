/// Answers editors about .mlir files: errors while typing, hover text, where a
/// value is defined and used. To be set as the editor's mlir-lsp-server.
#include "compiler/Pipelines/Registration.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  ssmc::registerAllDialects(registry);
  return failed(mlir::MlirLspServerMain(argc, argv, registry));
}
