//===- Pipelines.cpp - the stages of the compiler -------------------------===//
//
// The only place that orders passes. Each stage ends with the check of its
// contract.
//
//===----------------------------------------------------------------------===//

#include "compiler/Pipelines/Pipelines.h"

#include "compiler/Transforms/Passes.h"
#include "mlir/Pass/PassOptions.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace ssmc {

void buildNormalizePipeline(OpPassManager &manager) {
  // Layers are private functions, called once each: nothing is gained by
  // simplifying them before they are inlined.
  manager.addPass(createInlinerPass({}, [](OpPassManager &) {}));
  manager.addPass(createSymbolDCEPass());
  manager.addPass(createExpandRecurrences());
  manager.addPass(createFoldParameters());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addPass(createVerifyNormalized());
}

void buildDerivePipeline(OpPassManager &manager,
                         ArrayRef<std::string> entries) {
  DeriveEntriesOptions options;
  options.entries.assign(entries.begin(), entries.end());
  manager.addPass(createDeriveEntries(options));
  // Folds the casts around ops that spell out the length of a step.
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addPass(createVerifyDerived());
}

namespace {
struct DeriveOptions : PassPipelineOptions<DeriveOptions> {
  ListOption<std::string> entries{
      *this, "entries",
      llvm::cl::desc("Entries to derive: forward, prefill, step (all of them "
                     "unless given)")};
};
} // namespace

void registerPipelines() {
  PassPipelineRegistration<>("ssmc-normalize",
                             "The stage normalize: one @forward of recurrences "
                             "and pointwise ops",
                             buildNormalizePipeline);
  PassPipelineRegistration<DeriveOptions>(
      "ssmc-derive", "The stage derive: the entries and the state table",
      [](OpPassManager &manager, const DeriveOptions &options) {
        buildDerivePipeline(manager,
                            SmallVector<std::string>(options.entries.begin(),
                                                     options.entries.end()));
      });
}

} // namespace ssmc
