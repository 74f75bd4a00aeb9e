// Writes a Hugging Face model directory as a module of the `ssm` dialect.
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "tools/ssmc-import/models/models.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <filesystem>

using namespace llvm;
using namespace ssmc;
using namespace ssmc::importer;
namespace fs = std::filesystem;

namespace {

struct ModelRow {
  StringRef type;
  ImportFunction function;
};
constexpr ModelRow models[] = {
#define SSMC_MODEL(type, function) {type, function},
#include "tools/ssmc-import/models/models.def"
#undef SSMC_MODEL
};

std::string supportedTypes() {
  std::string list;
  for (const ModelRow &row : models)
    list += (list.empty() ? "" : ", ") + row.type.str();
  return list;
}

cl::OptionCategory category("Options");
cl::opt<std::string> directoryPath(cl::Positional, cl::Required,
                                   cl::desc("<model directory>"),
                                   cl::cat(category));
cl::opt<std::string> outputPath(
    "o", cl::init("-"), cl::value_desc("model.mlir"),
    cl::desc("where to write the module; standard output by default"),
    cl::cat(category));

/// How the module names `path`: relative to the file that names it, so that
/// both can move together.
std::string pathForModule(const std::string &path) {
  std::error_code code;
  fs::path base = outputPath == "-"
                      ? fs::path(".")
                      : fs::path(outputPath.getValue()).parent_path();
  fs::path relative =
      fs::proximate(path, base.empty() ? fs::path(".") : base, code);
  return code ? fs::absolute(path, code).string() : relative.string();
}

std::string modelName(const std::string &path) {
  std::error_code code;
  fs::path canonical = fs::canonical(path, code);
  std::string name = canonical.filename().string();
  return name.empty() ? "model" : name;
}

ImportFunction findModel(Config &config) {
  if (!config.has("model_type") && config.has("d_model") &&
      config.has("n_layer"))
    return importMamba;
  if (!config.has("model_type")) {
    config.mismatch("model_type", "one of " + supportedTypes());
    return nullptr;
  }
  std::string type = config.text("model_type");
  for (const ModelRow &row : models)
    if (row.type == type)
      return row.function;
  if (!config.reporter().failed())
    config.mismatch("model_type", "one of " + supportedTypes());
  return nullptr;
}

/// Names the files that travel in the artifact.
void setAttributes(mlir::ModuleOp module, const weights::Directory &directory,
                   Reporter &reporter) {
  mlir::OpBuilder builder(module.getContext());
  SmallVector<mlir::Attribute> assets;
  for (const char *name :
       {"config.json", "generation_config.json", "tokenizer.json"}) {
    weights::MappedFile file;
    std::string error;
    if (!directory.contains(name))
      continue;
    if (!directory.map(name, file, error))
      reporter.error(error);
    assets.push_back(
        builder.getStringAttr(pathForModule(directory.path() + "/" + name)));
  }
  if (!directory.contains("tokenizer.json"))
    reporter.warning(directory.path() +
                     ": no tokenizer.json: the artifact will "
                     "take token ids, not text");
  module->setAttr("ssm.name",
                  builder.getStringAttr(modelName(directory.path())));
  module->setAttr("ssm.checkpoint",
                  builder.getStringAttr(pathForModule(directory.path())));
  module->setAttr("ssm.assets", builder.getArrayAttr(assets));
}

Error writeModule(mlir::ModuleOp module) {
  return writeToOutput(outputPath, [&](raw_ostream &stream) -> Error {
    stream << "// Imported by ssmc-import " SSMC_VERSION ".\n";
    module->print(stream, mlir::OpPrintingFlags().printNameLocAsPrefix());
    stream << '\n';
    return Error::success();
  });
}

bool importDirectory(Reporter &reporter) {
  std::string error;
  weights::Directory directory;
  weights::MappedFile configFile;
  weights::Checkpoint checkpoint;
  if (!weights::Directory::open(directoryPath, directory, error) ||
      !directory.map("config.json", configFile, error)) {
    reporter.error(error);
    return false;
  }
  std::optional<Config> config = Config::parse(
      configFile.text(), directory.path() + "/config.json", reporter);
  ImportFunction function = config ? findModel(*config) : nullptr;
  if (!function)
    return false;
  if (!weights::Checkpoint::open(directoryPath, checkpoint, error)) {
    reporter.error(error);
    return false;
  }

  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  ModelBuilder model(&context, checkpoint, reporter);
  function(*config, model);
  setAttributes(model.module(), directory, reporter);
  if (reporter.failed())
    return false;
  model.warnUnused();
  if (mlir::failed(mlir::verify(model.module()))) {
    reporter.error("ssmc internal error: the imported module is not valid");
    return false;
  }
  if (Error failure = writeModule(model.module())) {
    reporter.error(toString(std::move(failure)));
    return false;
  }
  return true;
}

} // namespace

int main(int argc, char **argv) {
  std::string overview =
      "ssmc-import: write a Hugging Face model directory as MLIR\n\n"
      "Reads config.json and model.safetensors (or the shards that\n"
      "model.safetensors.index.json lists), checks every weight against the\n"
      "configuration, and writes the model as one module of the 'ssm' "
      "dialect.\n"
      "The module names the weights and does not copy them: keep the "
      "directory\n"
      "until the module is compiled. Nothing is downloaded and no code of the\n"
      "directory is run.\n\n"
      "Example:\n"
      "  ssmc-import tiny-mamba -o tiny-mamba.mlir\n"
      "  ssmc tiny-mamba.mlir -o tiny-mamba.fb\n\n"
      "Supported model_type: " +
      supportedTypes() + "\n";
  cl::SetVersionPrinter(
      [](raw_ostream &stream) { stream << "ssmc-import " SSMC_VERSION "\n"; });
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argc, argv, overview);

  Reporter reporter(errs());
  if (outputPath != "-" && sys::path::extension(outputPath) != ".mlir") {
    // So that a slip of the hand cannot overwrite a model's own files.
    reporter.error("expected the output to end in '.mlir', got '" + outputPath +
                   "'");
    return 1;
  }
  return importDirectory(reporter) ? 0 : 1;
}
