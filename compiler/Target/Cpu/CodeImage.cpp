#include "compiler/Target/Cpu/CodeImage.h"
#include "compiler/Target/Cpu/Link.h"
#include "compiler/Target/Cpu/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Analysis/CGSCCPassManager.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace mlir;
using namespace ssmc;

// A cache line: what the artifact promises of kernel entries.
static constexpr uint64_t entryAlignment = 64;

static void initializeLLVMTargets() {
  static const bool once = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeAArch64TargetInfo();
    LLVMInitializeAArch64Target();
    LLVMInitializeAArch64TargetMC();
    LLVMInitializeAArch64AsmPrinter();
    return true;
  }();
  (void)once;
}

static std::unique_ptr<llvm::TargetMachine>
createTargetMachine(const CpuTarget &target, std::string &error) {
  initializeLLVMTargets();
  llvm::Triple triple(target.triple);
  const llvm::Target *found = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!found)
    return nullptr;
  // Fuses only what the kernel wrote as one multiply-add.
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Standard;
  return std::unique_ptr<llvm::TargetMachine>(found->createTargetMachine(
      triple, target.cpu, target.featureString, options, llvm::Reloc::PIC_,
      llvm::CodeModel::Small, llvm::CodeGenOptLevel::Default));
}

namespace {
/// Reports what LLVM says at one place of the input instead of on stderr.
struct DiagnosticForwarder : llvm::DiagnosticHandler {
  DiagnosticForwarder(Location loc, bool &failed) : loc(loc), failed(failed) {}
  bool handleDiagnostics(const llvm::DiagnosticInfo &info) override {
    if (info.getSeverity() != llvm::DS_Error)
      return true;
    std::string text;
    llvm::raw_string_ostream os(text);
    llvm::DiagnosticPrinterRawOStream printer(os);
    info.print(printer);
    emitError(loc) << "ssmc internal error: code generation: " << text;
    failed = true;
    return true;
  }
  Location loc;
  bool &failed;
};
} // namespace

/// Gives functions what holds for all of this target's: levels, landing pads,
/// no library behind them.
static void setAttributes(llvm::Module &module, const CpuTarget &target,
                          const llvm::StringSet<> &kernels) {
  std::string vectorBits = std::to_string(target.vectorBytes * 8);
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    if (kernels.contains(function.getName())) {
      // The linker finds it, and it gets a landing pad as anyone may call it.
      function.setVisibility(llvm::GlobalValue::HiddenVisibility);
      function.setAlignment(llvm::Align(entryAlignment));
    } else {
      function.setLinkage(llvm::GlobalValue::InternalLinkage);
      // Routines stay calls: that is what they are for.
      if (!function.hasFnAttribute(llvm::Attribute::NoInline))
        function.addFnAttr(llvm::Attribute::AlwaysInline);
    }
    function.setDSOLocal(true);
    function.addFnAttr(llvm::Attribute::NoUnwind);
    function.addFnAttr("target-cpu", target.cpu);
    if (!target.featureString.empty())
      function.addFnAttr("target-features", target.featureString);
    // Loops that copy or fill stay loops: there is no memcpy to call.
    function.addFnAttr("no-builtins");
    function.addFnAttr("prefer-vector-width", vectorBits);
    function.addFnAttr("min-legal-vector-width", vectorBits);
    if (target.arch == "aarch64")
      function.addFnAttr("branch-target-enforcement");
  }
  for (llvm::GlobalVariable &global : module.globals()) {
    global.setLinkage(llvm::GlobalValue::InternalLinkage);
    global.setDSOLocal(true);
  }
  if (target.arch == "x86_64")
    module.addModuleFlag(llvm::Module::Override, "cf-protection-branch", 1);
  module.setPICLevel(llvm::PICLevel::SmallPIC);
}

// LLVM's middle end, cut down to what vector code gains from. The standard
// pipeline spends half its time in looking for vectors and in proofs about
// pointers that a kernel's own loop structure has settled. Constant parts of
// offsets are split off last: unrolled loops then use the addressing modes of
// loads instead of computing each address. Combining instructions once is
// enough for good code, but not always for the last possible combination, which
// it would otherwise insist on. Routines are passed whole descriptions of
// memory and use its address; the rest goes at the end.
static constexpr llvm::StringLiteral middleEnd =
    "always-inline,globaldce,function("
    "sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,"
    "loop-mssa(loop-rotate,licm),simplifycfg,instcombine<no-verify-fixpoint>,"
    "loop(indvars,loop-deletion,loop-unroll-full),"
    "sroa,gvn,sccp,instcombine<no-verify-fixpoint>,dse,loop-mssa(licm),"
    "loop-unroll<O2;no-runtime>,instcombine<no-verify-fixpoint>,"
    "simplifycfg,div-rem-pairs,"
    "separate-const-offset-from-gep,early-cse),deadargelim";

static llvm::Error optimize(llvm::Module &module,
                            llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager lam;
  llvm::FunctionAnalysisManager fam;
  llvm::CGSCCAnalysisManager cgam;
  llvm::ModuleAnalysisManager mam;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(mam);
  builder.registerCGSCCAnalyses(cgam);
  builder.registerFunctionAnalyses(fam);
  builder.registerLoopAnalyses(lam);
  builder.crossRegisterProxies(lam, fam, cgam, mam);
  llvm::ModulePassManager passes;
  if (llvm::Error error = builder.parsePassPipeline(passes, middleEnd))
    return error;
  passes.run(module, mam);
  return llvm::Error::success();
}

static LogicalResult emit(llvm::Module &module, llvm::TargetMachine &machine,
                          llvm::CodeGenFileType type,
                          SmallVectorImpl<char> &out) {
  llvm::raw_svector_ostream os(out);
  llvm::legacy::PassManager pm;
  if (machine.addPassesToEmitFile(pm, os, nullptr, type))
    return failure();
  pm.run(module);
  return success();
}

/// Copies the kernels and all they refer to into a module of their own.
static FailureOr<OwningOpRef<ModuleOp>>
extractKernels(ModuleOp module, ArrayRef<StringRef> kernelNames) {
  OwningOpRef<ModuleOp> kernels = ModuleOp::create(module.getLoc());
  SymbolTable source(module), copies(*kernels);
  SmallVector<StringRef> pending(kernelNames);
  for (StringRef name : kernelNames)
    if (Operation *op = source.lookup(name); !op || !op->hasAttr("plan.kernel"))
      return module.emitError("expected a function with the attribute "
                              "'plan.kernel' for kernel '")
             << name << "'";
  while (!pending.empty()) {
    StringRef name = pending.pop_back_val();
    Operation *op = source.lookup(name);
    // A name of nothing is the verifier's business, not ours.
    if (!op || copies.lookup(name))
      continue;
    copies.insert(op->clone());
    if (auto uses = SymbolTable::getSymbolUses(op))
      for (SymbolTable::SymbolUse use : *uses)
        pending.push_back(use.getSymbolRef().getRootReference());
  }
  return kernels;
}

static LogicalResult lowerToLLVMDialect(ModuleOp kernels) {
  PassManager pm(kernels.getContext());
  pm.enableVerifier(false); // the stages before have checked, LLVM checks after
  buildLowerKernelsPipeline(pm);
  return pm.run(kernels);
}

void ssmc::registerCodeGeneration(DialectRegistry &registry) {
  registry.insert<affine::AffineDialect, arith::ArithDialect,
                  cf::ControlFlowDialect, func::FuncDialect, LLVM::LLVMDialect,
                  memref::MemRefDialect, scf::SCFDialect, ub::UBDialect,
                  vector::VectorDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

FailureOr<CodeImage> ssmc::compileKernels(ModuleOp module,
                                          ArrayRef<StringRef> kernelNames,
                                          const CpuTarget &target,
                                          const EmitOptions &options) {
  Location loc = module.getLoc();
  std::string error;
  auto machine = createTargetMachine(target, error);
  if (!machine)
    return emitError(loc) << "ssmc internal error: " << error;
  // Changes nothing in a context that was made ready.
  DialectRegistry registry;
  registerCodeGeneration(registry);
  module.getContext()->appendDialectRegistry(registry);
  auto lowered = extractKernels(module, kernelNames);
  if (failed(lowered) || failed(lowerToLLVMDialect(**lowered)))
    return failure();

  llvm::LLVMContext context;
  bool codegenFailed = false;
  context.setDiscardValueNames(true);
  context.setDiagnosticHandler(
      std::make_unique<DiagnosticForwarder>(loc, codegenFailed));
  auto code = translateModuleToLLVMIR(**lowered, context, "kernels");
  if (!code)
    return emitError(loc) << "ssmc internal error: no LLVM IR for kernels";
  code->setTargetTriple(machine->getTargetTriple());
  code->setDataLayout(machine->createDataLayout());
  llvm::StringSet<> kernels;
  for (StringRef name : kernelNames)
    kernels.insert(name);
  setAttributes(*code, target, kernels);
  std::shared_lock<std::shared_mutex> reading(optionsMutex());
  if (llvm::Error error = optimize(*code, *machine))
    return emitError(loc) << "ssmc internal error: "
                          << llvm::toString(std::move(error));

  CodeImage image;
  image.target = target;
  SmallVector<char, 0> buffer;
  if (options.assembly) {
    // Emitting changes the module, so the text is made from a copy.
    auto copy = llvm::CloneModule(*code);
    if (failed(
            emit(*copy, *machine, llvm::CodeGenFileType::AssemblyFile, buffer)))
      return emitError(loc) << "ssmc internal error: no assembly printer";
    image.assembly.assign(buffer.begin(), buffer.end());
    buffer.clear();
  }
  if (failed(emit(*code, *machine, llvm::CodeGenFileType::ObjectFile, buffer)))
    return emitError(loc) << "ssmc internal error: no object writer";
  if (codegenFailed)
    return failure();
  reading.unlock();
  StringRef emulation =
      target.arch == "aarch64" ? "aarch64linux" : "elf_x86_64";
  llvm::Expected<LinkedImage> linked =
      linkImage(buffer, emulation, kernelNames);
  if (!linked)
    return emitError(loc) << llvm::toString(linked.takeError());
  image.bytes = std::move(linked->bytes);
  image.entries = std::move(linked->entries);
  if (options.object)
    image.object.assign(buffer.begin(), buffer.end());
  return image;
}
