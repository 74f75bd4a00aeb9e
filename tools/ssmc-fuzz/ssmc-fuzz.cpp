//===- ssmc-fuzz.cpp - random programs, compiled and interpreted ----------===//
//
// Generates programs from seeds and compares what they compute in every form.
// What fails is written to a file, with the command that shrinks it.
//
//===----------------------------------------------------------------------===//

#include "compiler/Pipelines/Registration.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "tools/ssmc-fuzz/checker.h"
#include "tools/ssmc-fuzz/generator.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <atomic>
#include <mutex>
#include <thread>

using namespace mlir;
using namespace ssmc;
namespace cl = llvm::cl;

static cl::OptionCategory category("ssmc-fuzz options");
static cl::opt<uint64_t>
    firstSeed("seed", cl::desc("Seed of the first program (default: 1)"),
              cl::init(1), cl::cat(category));
static cl::opt<unsigned> programs("count",
                                  cl::desc("Programs to check, each with the "
                                           "seed after the last one's "
                                           "(default: 100)"),
                                  cl::init(100), cl::cat(category));
static cl::opt<unsigned>
    jobs("jobs", cl::desc("Programs to check at once (default: 1)"),
         cl::init(1), cl::cat(category));
static cl::opt<std::string> algorithm(
    "ssm-algorithm",
    cl::desc(
        "How recurrences run: sequential, chunked, associative, newton, "
        "convolution, all (that apply but convolution), or one of those at "
        "random (default)"),
    cl::value_desc("name"), cl::cat(category));
static cl::opt<std::string>
    outputFolder("output",
                 cl::desc("Where to write programs that fail (default: here)"),
                 cl::value_desc("folder"), cl::init("."), cl::cat(category));
static cl::opt<bool> printOnly("print",
                               cl::desc("Print the programs, check nothing"),
                               cl::cat(category));
static cl::opt<std::string>
    checkFile("check",
              cl::desc("Check this module instead, with the inputs of --seed; "
                       "exit status 1 if it fails"),
              cl::value_desc("file.mlir"), cl::cat(category));
static cl::opt<std::string>
    meaningFile("meaning",
                cl::desc("What the module of --check should compute, if not "
                         "what it says"),
                cl::value_desc("file.mlir"), cl::cat(category));
static cl::opt<std::string> like(
    "like",
    cl::desc("With --check: exit status 1 only for a failure whose message "
             "has this text, as ssmc-reduce needs it"),
    cl::value_desc("text"), cl::cat(category));

namespace {
/// The command line as parsed; the linker parses options of its own.
struct Options {
  uint64_t seed = firstSeed;
  unsigned count = programs, jobs = std::max(1u, unsigned(::jobs));
  std::string output = outputFolder, check = checkFile, meaning = meaningFile,
              like = ::like, algorithm = ::algorithm;
  bool printOnly = ::printOnly;
  std::string program; // this one's path
};

/// A folder of its own, removed at the end.
struct Folder {
  SmallString<128> path;
  Folder() { (void)llvm::sys::fs::createUniqueDirectory("ssmc-fuzz", path); }
  ~Folder() { (void)llvm::sys::fs::remove_directories(path); }
};
} // namespace

/// Checks `module`, taking a crash for a failure.
static std::optional<std::string> checkSafely(ModuleOp module, ModuleOp meaning,
                                              uint64_t seed,
                                              const Options &options,
                                              StringRef folder,
                                              fuzz::Coverage &coverage) {
  std::optional<std::string> wrong;
  fuzz::CheckOptions checks{seed, options.algorithm, folder.str()};
  llvm::CrashRecoveryContext recovery;
  if (!recovery.RunSafely(
          [&] { wrong = fuzz::check(module, meaning, checks, coverage); }))
    return "crashes";
  return wrong;
}

/// A fatal error of LLVM ends the check, not the process.
static void endCheck(void *, const char *message, bool) {
  llvm::errs() << "LLVM: " << message << "\n";
  if (auto *recovery = llvm::CrashRecoveryContext::GetCurrent())
    recovery->HandleExit(1);
}

static DialectRegistry makeRegistry() {
  DialectRegistry registry;
  registerAllDialects(registry);
  return registry;
}

static int checkModule(const Options &options) {
  MLIRContext context(makeRegistry(), MLIRContext::Threading::DISABLED);
  auto read = [&](const std::string &path) {
    OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(path, &context);
    if (module && !module->lookupSymbol<func::FuncOp>("forward")) {
      module->emitError("expected a function '@forward'");
      module = nullptr;
    }
    return module;
  };
  OwningOpRef<ModuleOp> module = read(options.check), other;
  if (!options.meaning.empty())
    other = read(options.meaning);
  ModuleOp meaning = options.meaning.empty() ? *module : *other;
  std::optional<std::string> wrong;
  if (!module || !meaning) {
    wrong = "is not valid";
  } else {
    Folder folder;
    fuzz::Coverage coverage;
    wrong = checkSafely(*module, meaning, options.seed, options, folder.path,
                        coverage);
  }
  if (!wrong)
    return 0;
  llvm::errs() << "ssmc-fuzz: " << *wrong << "\n";
  return StringRef(*wrong).contains(options.like);
}

/// Writes a program that fails, and the command that shrinks it.
static void report(const Options &options, uint64_t seed, StringRef text,
                   StringRef wrong) {
  SmallString<128> path(options.output);
  llvm::sys::path::append(path, "fuzz-" + std::to_string(seed) + ".mlir");
  llvm::errs() << "seed " << seed << ": " << wrong << "\n";
  std::error_code error = llvm::sys::fs::create_directories(options.output);
  if (!error) {
    llvm::raw_fd_ostream file(path, error);
    if (!error)
      file << text;
  }
  if (error) {
    llvm::errs() << "  cannot write '" << path << "': " << error.message()
                 << "\n";
    return;
  }
  auto isEnd = [](char c) { return c == ' ' || c == ':'; };
  llvm::errs() << "  ssmc-reduce " << path
               << " --reduction-tree='traversal-mode=0 test=" << options.program
               << " test-arg=--seed=" << seed
               << ",--like=" << wrong.take_until(isEnd) << ",--check'\n";
}

static int fuzzPrograms(const Options &options) {
  std::atomic<uint64_t> next{0};
  std::atomic<unsigned> failures{0};
  std::atomic<int64_t> values{0}, compared{0};
  std::mutex printing;
  auto work = [&] {
    Folder folder;
    MLIRContext context(makeRegistry(), MLIRContext::Threading::DISABLED);
    context.printOpOnDiagnostic(false);
    for (uint64_t i; (i = next++) < options.count;) {
      uint64_t seed = options.seed + i;
      std::string text = fuzz::generateProgram(seed);
      OwningOpRef<ModuleOp> module =
          parseSourceString<ModuleOp>(text, &context);
      std::optional<std::string> wrong;
      fuzz::Coverage coverage;
      if (!module)
        wrong = "is not valid";
      else
        wrong =
            checkSafely(*module, *module, seed, options, folder.path, coverage);
      values += coverage.values;
      compared += coverage.compared;
      if (!wrong)
        continue;
      ++failures;
      std::lock_guard<std::mutex> lock(printing);
      report(options, seed, text, *wrong);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < options.jobs; ++i)
    threads.emplace_back(work);
  work();
  for (std::thread &thread : threads)
    thread.join();
  llvm::outs() << options.count << " programs from seed " << options.seed
               << ": " << failures << " failed, "
               << compared * 100 / std::max<int64_t>(values, 1)
               << " % of the values compared\n";
  return failures != 0;
}

int main(int argc, char **argv) {
  llvm::InitLLVM initialized(argc, argv);
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argc, argv,
                              R"(random recurrences, compiled and interpreted

Each seed gives a program: recurrences with bodies, shapes and resets of any
kind. It is compiled and run as a whole, in pieces and by steps, and every
result compared with the interpreter's, within what rounding explains. A
failure is written out with the command that shrinks it. For example:

  ssmc-fuzz --count=1000 --jobs=2 --output=failures
  ssmc-fuzz --seed=7 --count=1 --print
  ssmc-fuzz --check=failures/fuzz-7.mlir --seed=7 --ssm-algorithm=all
)");
  auto isGiven = [](const auto &option) { return option.getNumOccurrences(); };
  if (checkFile.empty() && (isGiven(meaningFile) || isGiven(like))) {
    llvm::errs() << "ssmc-fuzz: error: expected --check beside --"
                 << (isGiven(meaningFile) ? meaningFile : like).ArgStr << "\n";
    return 2;
  }
  static constexpr StringRef algorithms[] = {
      "",       "all",        "sequential", "chunked", "associative",
      "newton", "convolution"};
  if (!llvm::is_contained(algorithms, StringRef(algorithm))) {
    llvm::errs() << "ssmc-fuzz: error: expected --ssm-algorithm to be one of "
                 << llvm::join(ArrayRef(algorithms).drop_front(), ", ")
                 << ", got '" << algorithm << "'\n";
    return 2;
  }
  Options options;
  options.program = llvm::sys::fs::getMainExecutable(
      argv[0], reinterpret_cast<void *>(&makeRegistry));
  llvm::CrashRecoveryContext::Enable();
  llvm::install_fatal_error_handler(endCheck);
  if (!options.check.empty())
    return checkModule(options);
  if (!options.printOnly)
    return fuzzPrograms(options);
  for (uint64_t i = 0; i < options.count; ++i)
    llvm::outs() << fuzz::generateProgram(options.seed + i) << "// -----\n";
  return 0;
}
