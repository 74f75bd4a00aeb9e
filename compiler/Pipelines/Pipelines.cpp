//===- Pipelines.cpp - the stages of the compiler -------------------------===//
//
// The only place that orders passes. Each stage ends with the check of its
// contract.
//
//===----------------------------------------------------------------------===//

#include "compiler/Pipelines/Pipelines.h"

#include "compiler/Conversion/CpuKernels/Passes.h"
#include "compiler/Transforms/Passes.h"
#include "mlir/Pass/PassOptions.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace ssmc {

void buildNormalizePipeline(OpPassManager &manager) {
  // States are named after the calls that inlining removes.
  manager.addPass(createNameCalls());
  // Layers are private functions; they are simplified below, where they meet
  // their weights.
  manager.addPass(createInlinerPass({}, [](OpPassManager &) {}));
  manager.addPass(createSymbolDCEPass());
  manager.addPass(createExpandRecurrences());
  // Repeated layers share their tables before each becomes a parameter.
  manager.addPass(createCSEPass());
  manager.addPass(createFoldParameters());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addPass(createVerifyNormalized());
}

void buildDerivePipeline(OpPassManager &manager, ArrayRef<std::string> entries,
                         StringRef algorithm) {
  DeriveEntriesOptions options;
  // Convolutions carry no state.
  options.wholeForward = algorithm == "convolution";
  options.entries.assign(entries.begin(), entries.end());
  manager.addPass(createDeriveEntries(options));
  // Folds the casts around ops that spell out the length of a step.
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addPass(createVerifyDerived());
}

void buildSchedulePipeline(OpPassManager &manager, StringRef algorithm,
                           bool remarks) {
  DeriveChunksOptions options;
  options.algorithm = algorithm.str();
  options.remarks = remarks;
  manager.addPass(createDeriveChunks(options));
  // Forms are derived term by term; what terms share is computed once.
  manager.addPass(createCSEPass());
  manager.addPass(createFormDispatches());
  manager.addPass(cpu::createMoveFactors());
  manager.addPass(cpu::createAssignCpuLayouts());
}

void buildPlanPipeline(OpPassManager &manager) {
  manager.addPass(createPlanEntries());
}

void buildLowerPipeline(OpPassManager &manager, StringRef level) {
  cpu::LowerCpuKernelsOptions options;
  options.level = level.str();
  manager.addPass(cpu::createLowerCpuKernels(options));
  // Index arithmetic is emitted plainly and cleaned here.
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addPass(cpu::createShareLoops());
  manager.addPass(createExpandMath());
  manager.addPass(createCSEPass());
}

namespace {
struct LowerOptions : PassPipelineOptions<LowerOptions> {
  Option<std::string> level{*this, "level",
                            llvm::cl::desc("CPU level to generate code for"),
                            llvm::cl::init("x86-64-v3")};
};
struct ScheduleOptions : PassPipelineOptions<ScheduleOptions> {
  Option<std::string> algorithm{
      *this, "algorithm",
      llvm::cl::desc("How recurrences run: auto, or an algorithm's name"),
      llvm::cl::init("auto")};
};
struct DeriveOptions : PassPipelineOptions<DeriveOptions> {
  Option<std::string> algorithm{
      *this, "algorithm",
      llvm::cl::desc("How recurrences will run, as for the stage schedule"),
      llvm::cl::init("auto")};
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
                                                     options.entries.end()),
                            options.algorithm);
      });
  PassPipelineRegistration<ScheduleOptions>(
      "ssmc-schedule", "The stage schedule: kernels and dispatches",
      [](OpPassManager &manager, const ScheduleOptions &options) {
        buildSchedulePipeline(manager, options.algorithm, /*remarks=*/true);
      });
  PassPipelineRegistration<>("ssmc-plan",
                             "The stage plan: every buffer in its place",
                             buildPlanPipeline);
  PassPipelineRegistration<LowerOptions>(
      "ssmc-lower", "The stage lower: kernels as vector loops",
      [](OpPassManager &manager, const LowerOptions &options) {
        buildLowerPipeline(manager, options.level);
      });
}

} // namespace ssmc
