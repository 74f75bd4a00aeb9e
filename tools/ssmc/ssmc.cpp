//===- ssmc.cpp - the compiler --------------------------------------------===//

#include "compiler/Pipelines/Pipelines.h"
#include "compiler/Pipelines/Registration.h"
#include "compiler/Target/Program/Program.h"
#include "mlir/IR/AsmState.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/FileUtilities.h"
#include "ssmc/abi.h"
#include "tools/ssmc/Progress.h"
#include "tools/ssmc/SelfTest.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"
#include <csignal>
#include <future>

using namespace mlir;
using namespace ssmc;
namespace cl = llvm::cl;

//===----------------------------------------------------------------------===//
// Command line
//===----------------------------------------------------------------------===//

static cl::OptionCategory category("ssmc options");

static cl::opt<std::string> inputPath(cl::Positional, cl::Required,
                                      cl::desc("model.mlir"),
                                      cl::cat(category));
static cl::opt<std::string>
    outputPath("o", cl::desc("File to write; '-' is standard output"),
               cl::value_desc("file"), cl::init("-"), cl::cat(category));
static cl::list<std::string> entries(
    "entry", cl::CommaSeparated, cl::value_desc("names"),
    cl::desc(
        "Entries to derive from @forward: forward, prefill, step (default: "
        "all that the model has)"),
    cl::cat(category));
static cl::list<std::string> targetNames(
    "target-cpu", cl::CommaSeparated, cl::value_desc("levels"),
    cl::desc("CPU levels to generate code for, best first: native, x86-64-v3, "
             "x86-64-v4, aarch64 (default: every level of this machine's "
             "architecture; the runtime takes the best it finds)"),
    cl::cat(category));

enum class Emit { fb, mlir, plan, assembly, object };
static cl::opt<Emit> emitKind(
    "emit", cl::desc("What to write"), cl::init(Emit::fb),
    cl::values(clEnumValN(Emit::fb, "fb", "the artifact (default)"),
               clEnumValN(Emit::mlir, "mlir", "the module after stage --to"),
               clEnumValN(Emit::plan, "plan", "the module after stage plan"),
               clEnumValN(Emit::assembly, "asm", "assembly of the kernels"),
               clEnumValN(Emit::object, "obj",
                          "an object file of the kernels")),
    cl::cat(category));

static auto stageValues() {
  return cl::values(
      clEnumValN(Stage::normalize, "normalize",
                 "one @forward of recurrences and pointwise ops"),
      clEnumValN(Stage::derive, "derive", "the entries and the state table"),
      clEnumValN(Stage::schedule, "schedule", "kernels and dispatches"),
      clEnumValN(Stage::plan, "plan", "every buffer in its place"),
      clEnumValN(Stage::lower, "lower", "kernels as vector loops"));
}
static cl::opt<Stage>
    fromStage("from",
              cl::desc("First stage to run; the input is what "
                       "the stage before it wrote"),
              stageValues(), cl::init(Stage::normalize), cl::cat(category));
static cl::opt<Stage> toStage("to",
                              cl::desc("Last stage to run; writes the module "
                                       "after it, as --emit=mlir does"),
                              stageValues(), cl::init(Stage::lower),
                              cl::cat(category));

enum class WeightsPlace { inside, external };
static cl::opt<WeightsPlace> weightsPlace(
    "weights", cl::desc("Where the weights go"), cl::init(WeightsPlace::inside),
    cl::values(clEnumValN(WeightsPlace::inside, "inside",
                          "into the artifact, laid out for the kernels "
                          "(default)"),
               clEnumValN(WeightsPlace::external, "external",
                          "nowhere: the runtime reads the safetensors files, "
                          "checks their hashes and lays them out at each "
                          "start")),
    cl::cat(category));
static cl::opt<uint32_t> selfTestLength(
    "selftest", cl::value_desc("steps"), cl::init(0),
    cl::desc("Carry a check for 'ssmc-run --selftest': random inputs of that "
             "many time steps and what the reference interpreter computes"),
    cl::cat(category));
static cl::opt<std::string> algorithm(
    "ssm-algorithm", cl::value_desc("name"), cl::init("auto"),
    cl::desc("How recurrences run where it applies:\n"
             "  auto         by cost (default)\n"
             "  sequential   step by step\n"
             "  chunked      products of matrices over 64 steps\n"
             "  associative  a scan over 64 steps\n"
             "  newton       scans until all steps of a nonlinear one agree\n"
             "  convolution  with the response to an impulse, where no state "
             "is carried"),
    cl::cat(category));
static cl::opt<bool> remarks("remarks",
                             cl::desc("Print how each recurrence runs and why"),
                             cl::cat(category));
static cl::opt<bool> verbose("v", cl::desc("Print the time of each stage"),
                             cl::cat(category));

//===----------------------------------------------------------------------===//
// Stages
//===----------------------------------------------------------------------===//

namespace {
/// The command line as parsed. The linker parses options of its own and resets
/// those above, so nothing reads them after the start.
struct Options {
  std::string input = inputPath, output = outputPath;
  std::vector<std::string> entries{::entries.begin(), ::entries.end()};
  std::string algorithm = ::algorithm;
  bool remarks = ::remarks;
  std::vector<std::string> targets{targetNames.begin(), targetNames.end()};
  Emit emit = emitKind;
  Stage from = fromStage, to = toStage;
  bool stopsEarly =
      toStage.getNumOccurrences() || emit == Emit::mlir || emit == Emit::plan;
  bool stageGiven = toStage.getNumOccurrences();
  bool externalWeights = weightsPlace == WeightsPlace::external;
  int64_t selfTestLength = ::selfTestLength;
};

class Compiler {
public:
  Compiler(MLIRContext &context, Progress &progress)
      : context(context), progress(progress) {}

  LogicalResult run();

private:
  LogicalResult fail(const Twine &message) {
    llvm::errs() << "ssmc: error: " << message << "\n";
    return failure();
  }
  LogicalResult parseTargets();
  LogicalResult runStages(Stage last);
  LogicalResult writeText(StringRef text);
  LogicalResult writeModule();
  LogicalResult writeCode();
  LogicalResult writeProgram();
  LogicalResult compileTargets(std::vector<CodeImage> &images);
  LogicalResult addAssets(ArtifactDescription &description,
                          std::vector<std::unique_ptr<llvm::MemoryBuffer>> &);

  const Options options;
  MLIRContext &context;
  Progress &progress;
  OwningOpRef<ModuleOp> module;
  OwningOpRef<ModuleOp> model; // as read, for the self test
  SmallVector<CpuTarget> targets;
  std::pair<uint64_t, uint64_t> definition;
};
} // namespace

LogicalResult Compiler::parseTargets() {
  if (options.targets.empty()) {
    std::string error;
    FailureOr<CpuTarget> native = parseCpuTarget("native", error);
    if (failed(native))
      return fail(error);
    for (const CpuTarget &known : knownCpuTargets())
      if (known.arch == native->arch)
        targets.push_back(known);
    // Best first: the runtime takes the first that fits.
    llvm::sort(targets, [](const CpuTarget &a, const CpuTarget &b) {
      return a.vectorBytes > b.vectorBytes;
    });
    return success();
  }
  for (const std::string &name : options.targets) {
    std::string error;
    FailureOr<CpuTarget> target = parseCpuTarget(name, error);
    if (failed(target))
      return fail(error);
    targets.push_back(*target);
  }
  return success();
}

LogicalResult Compiler::runStages(Stage last) {
  struct {
    Stage stage;
    const char *name;
    std::function<void(OpPassManager &)> build;
  } stages[] = {
      {Stage::normalize, "normalize", buildNormalizePipeline},
      {Stage::derive, "derive",
       [&](OpPassManager &manager) {
         buildDerivePipeline(manager, options.entries, options.algorithm);
       }},
      {Stage::schedule, "schedule",
       [&](OpPassManager &manager) {
         buildSchedulePipeline(manager, options.algorithm, options.remarks);
       }},
      {Stage::plan, "plan", buildPlanPipeline},
      {Stage::lower, "lower",
       [&](OpPassManager &manager) {
         buildLowerPipeline(manager, targets.front().level);
       }},
  };
  for (auto &[stage, name, build] : stages) {
    if (stage < options.from || stage > last)
      continue;
    progress.stage(name);
    PassManager manager(&context);
    build(manager);
    if (failed(manager.run(*module)))
      return failure();
    if (stage == Stage::normalize)
      definition = hashDefinition(*module);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

LogicalResult Compiler::writeText(StringRef text) {
  std::string error;
  std::unique_ptr<llvm::ToolOutputFile> file =
      openOutputFile(options.output, &error);
  if (!file)
    return fail(error);
  file->os() << text;
  file->os().flush();
  if (file->os().has_error()) {
    error = file->os().error().message();
    file->os().clear_error();
    return fail("cannot write '" + options.output + "': " + error);
  }
  file->keep();
  return success();
}

LogicalResult Compiler::writeModule() {
  std::string text;
  llvm::raw_string_ostream stream(text);
  module->print(stream);
  stream << "\n";
  return writeText(text);
}

LogicalResult Compiler::writeCode() {
  if (targets.size() != 1)
    return fail("expected one level in --target-cpu with --emit=asm and "
                "--emit=obj, got " +
                Twine(targets.size()));
  progress.stage("compile for " + targets[0].level);
  EmitOptions wanted;
  wanted.assembly = options.emit == Emit::assembly;
  wanted.object = options.emit == Emit::object;
  FailureOr<CodeImage> image =
      ProgramKernels(*module).compile(targets[0], wanted);
  if (failed(image))
    return failure();
  if (wanted.assembly)
    return writeText(image->assembly);
  return writeText(
      StringRef(reinterpret_cast<const char *>(image->object.data()),
                image->object.size()));
}

LogicalResult
Compiler::addAssets(ArtifactDescription &description,
                    std::vector<std::unique_ptr<llvm::MemoryBuffer>> &buffers) {
  auto list = (*module)->getAttrOfType<ArrayAttr>("ssm.assets");
  if (!list)
    return success();
  for (StringRef path : list.getAsValueRange<StringAttr>()) {
    SmallString<256> full(llvm::sys::path::parent_path(options.input));
    llvm::sys::path::append(full, path);
    if (llvm::sys::path::is_absolute(path))
      full = path;
    auto buffer = llvm::MemoryBuffer::getFile(full, /*IsText=*/false,
                                              /*RequiresNullTerminator=*/false);
    if (!buffer)
      return fail("cannot read asset '" + full.str() +
                  "': " + buffer.getError().message());
    auto asset = std::make_unique<fb::AssetT>();
    asset->name = llvm::sys::path::filename(path).str();
    description.program.assets.push_back(std::move(asset));
    description.assets.push_back(
        {reinterpret_cast<const uint8_t *>((*buffer)->getBufferStart()),
         (*buffer)->getBufferSize()});
    buffers.push_back(std::move(*buffer));
  }
  return success();
}

static std::string humanBytes(uint64_t bytes) {
  char text[32];
  const char *units[] = {"B", "KB", "MB", "GB", "TB"};
  double value = bytes;
  int unit = 0;
  for (; value >= 1000 && unit < 4; ++unit)
    value /= 1000;
  std::snprintf(text, sizeof(text), unit ? "%.2f %s" : "%.0f %s", value,
                units[unit]);
  return text;
}

/// Compiles for every level at once.
LogicalResult Compiler::compileTargets(std::vector<CodeImage> &images) {
  std::string levels;
  for (const CpuTarget &target : targets)
    levels += (levels.empty() ? "" : ", ") + target.level;
  progress.stage("compile for " + levels);
  ProgramKernels kernels(*module);
  std::vector<std::future<FailureOr<CodeImage>>> results;
  for (const CpuTarget &target : targets)
    results.push_back(std::async(std::launch::async,
                                 [&] { return kernels.compile(target, {}); }));
  bool good = true;
  for (auto &result : results) {
    FailureOr<CodeImage> image = result.get();
    good &= succeeded(image);
    if (succeeded(image))
      images.push_back(std::move(*image));
  }
  return success(good);
}

LogicalResult Compiler::writeProgram() {
  if (options.output == "-")
    return fail("expected a file to write the artifact to, '-o model.fb'");
  if (module->getOps<plan::EntryOp>().empty())
    return fail("expected --from to name the stage after the one that wrote "
                "'" +
                options.input + "', which has no planned entries");
  ArtifactDescription description;
  description.program = translateProgram(*module);
  fb::ProgramT &program = description.program;
  program.kernel_abi = SSMC_KERNEL_ABI;
  program.producer = "ssmc " SSMC_VERSION;
  auto name = (*module)->getAttrOfType<StringAttr>("ssm.name");
  program.name =
      name ? name.getValue().str() : llvm::sys::path::stem(options.input).str();
  program.model_id_low = definition.first;
  program.model_id_high = definition.second;

  std::vector<CodeImage> images;
  if (failed(compileTargets(images)))
    return failure();
  for (const CodeImage &image : images) {
    auto variant = std::make_unique<fb::CodeVariantT>();
    variant->arch = image.target.arch;
    variant->level = image.target.level;
    variant->features = image.target.runtimeFeatures;
    variant->entries = image.entries;
    program.variants.push_back(std::move(variant));
    description.code.push_back({image.bytes.data(), image.bytes.size()});
  }

  progress.stage("weights");
  ProgramWeights weights;
  if (failed(weights.resolve(*module,
                             llvm::sys::path::parent_path(options.input),
                             options.externalWeights, description)))
    return failure();
  std::vector<std::unique_ptr<llvm::MemoryBuffer>> buffers;
  if (failed(addAssets(description, buffers)))
    return failure();
  std::deque<std::vector<std::byte>> selfTestBytes;
  if (model) {
    progress.stage("interpret the self test");
    if (failed(addSelfTest(*model, llvm::sys::path::parent_path(options.input),
                           options.selfTestLength, description, selfTestBytes)))
      return failure();
  }
  progress.stage("write");
  std::string error;
  if (!writeArtifact(
          description, options.output,
          [&](uint64_t done, uint64_t total) { progress.done(done, total); },
          error))
    return fail(error);

  uint64_t stateBytes = 0, fileBytes = 0;
  for (const auto &state : program.states) {
    uint64_t bytes = elementBytes(state->dtype);
    for (uint64_t extent : state->shape)
      bytes *= extent;
    stateBytes += bytes;
  }
  (void)llvm::sys::fs::file_size(options.output, fileBytes);
  progress.stage("");
  llvm::errs() << options.output << ": " << humanBytes(fileBytes) << ", state "
               << stateBytes << " bytes per sequence, "
               << program.kernels.size() << " kernels";
  for (const CodeImage &image : images)
    llvm::errs() << ", " << image.target.level << " code "
                 << humanBytes(image.bytes.size());
  llvm::errs() << ", " << llvm::format("%.2f s", progress.seconds()) << "\n";
  for (const auto &entry : program.entries)
    llvm::errs() << "  @" << entry->name << ": " << entry->instructions.size()
                 << " dispatches, arena " << entry->arena_fixed << " + "
                 << entry->arena_batch << " B + " << entry->arena_row
                 << " B T bytes\n";
  return success();
}

LogicalResult Compiler::run() {
  if (options.to < options.from)
    return fail("expected --to to name a stage not before --from");
  if (options.stageGiven && options.emit != Emit::fb &&
      options.emit != Emit::mlir)
    return fail("expected no --to with --emit=plan, --emit=asm or --emit=obj");
  if (failed(parseTargets()))
    return failure();
  // Lowering is for one level, so by default the module is not lowered: each
  // level's code comes from a copy.
  Stage last = options.stageGiven ? options.to : Stage::plan;
  if (last == Stage::lower && targets.size() != 1)
    return fail("expected one level in --target-cpu for stage lower, got " +
                Twine(targets.size()));

  progress.stage("read");
  llvm::SourceMgr sources;
  std::string error;
  std::unique_ptr<llvm::MemoryBuffer> file =
      openInputFile(options.input, &error);
  if (!file)
    return fail(error);
  sources.AddNewSourceBuffer(std::move(file), llvm::SMLoc());
  SourceMgrDiagnosticHandler handler(sources, &context);
  module = parseSourceFile<ModuleOp>(sources, &context);
  if (!module)
    return failure();
  // An input past this stage keeps no trace of it; its own text identifies it.
  definition = hashDefinition(*module);
  if (options.selfTestLength)
    model = module->clone();
  if (failed(runStages(last)))
    return failure();
  if (options.stopsEarly)
    return writeModule();
  if (options.emit == Emit::assembly || options.emit == Emit::object)
    return writeCode();
  return writeProgram();
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  registerAsmPrinterCLOptions();
  registerMLIRContextCLOptions();
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(
      argc, argv,
      "compile a model in the ssm dialect to an artifact\n\n"
      "  ssmc model.mlir -o model.fb\n\n"
      "From one @forward the compiler derives @prefill (state in and out, any\n"
      "length) and @step (one token), compiles them to native code and writes\n"
      "one file that ssmc-run, ssmc-generate and your app load.\n");
  // A limit on file sizes is an error like a full disk, not the end.
  std::signal(SIGXFSZ, SIG_IGN);
  DialectRegistry registry;
  registerAllDialects(registry);
  registerCodeGeneration(registry);
  MLIRContext context(registry);
  // An op's text can be a whole layer; its location says where it stands.
  context.printOpOnDiagnostic(false);
  context.loadAllAvailableDialects(); // threads could not, later
  Progress progress(verbose);
  return failed(Compiler(context, progress).run());
}
