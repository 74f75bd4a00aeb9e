//===- checker.cpp - one module in every form -----------------------------===//

#include "tools/ssmc-fuzz/checker.h"

#include "compiler/Interpreter/Interpreter.h"
#include "compiler/Pipelines/Pipelines.h"
#include "compiler/Target/Program/Program.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassManager.h"
#include "ssmc/abi.h"
#include "ssmc/ssmc.hpp"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"
#include <cmath>
#include <random>

using namespace mlir;
using llvm::formatv;
using ssmc::interpreter::Tensor;

namespace ssmc::fuzz {
namespace {

/// How many times as large an error may be as the float32 interpreter's, of
/// steps and of chunks. The interpreter sums step by step; a chunk's sums have
/// up to 64 terms that may cancel.
constexpr double stepAllowance = 16, chunkAllowance = 128;
/// Values past this are the program's fault, not the compiler's.
constexpr double tooLarge = 1e6;
constexpr double unitRoundoff = 1.0 / (1 << 24);

using Tensors = SmallVector<Tensor>;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// Of moderate size; sometimes zero or large.
float someNumber(std::mt19937_64 &random) {
  switch (random() % 32) {
  case 0:
    return 0;
  case 1:
    return std::normal_distribution<float>(0, 8)(random);
  default:
    return std::normal_distribution<float>()(random);
  }
}

void fill(Tensor &tensor, std::mt19937_64 &random) {
  tensor.floats.resize(interpreter::countElements(tensor.shape));
  for (double &value : tensor.floats)
    value = someNumber(random);
}

Tensor someInput(RankedTensorType type, int64_t batch, int64_t length,
                 std::mt19937_64 &random) {
  Tensor tensor;
  for (auto [axis, extent] : llvm::enumerate(type.getShape()))
    tensor.shape.push_back(!ShapedType::isDynamic(extent) ? extent
                           : axis == 0                    ? batch
                                                          : length);
  fill(tensor, random);
  return tensor;
}

/// `tensor` with every number changed by a unit in the last place or none: the
/// interpreters' difference there shows what rounding does elsewhere.
Tensor jittered(Tensor tensor, std::mt19937_64 &random) {
  for (double &value : tensor.floats)
    value = std::nextafter(static_cast<float>(value),
                           random() % 2 ? INFINITY : -INFINITY);
  return tensor;
}

/// Time steps [first, first + count) of a [batch, length, ...] tensor.
Tensor slice(const Tensor &tensor, int64_t first, int64_t count) {
  Tensor part;
  part.shape = tensor.shape;
  part.shape[1] = count;
  int64_t row =
      interpreter::countElements(ArrayRef(tensor.shape).drop_front(2));
  for (int64_t b = 0; b < tensor.shape[0]; ++b) {
    auto begin = tensor.floats.begin() + (b * tensor.shape[1] + first) * row;
    part.floats.insert(part.floats.end(), begin, begin + count * row);
  }
  return part;
}

/// The inverse: writes `part` into `whole` at time `first`.
void place(const Tensor &part, int64_t first, Tensor &whole) {
  int64_t row = interpreter::countElements(ArrayRef(whole.shape).drop_front(2));
  int64_t count = part.shape[1] * row;
  for (int64_t b = 0; b < whole.shape[0]; ++b)
    std::copy_n(part.floats.begin() + b * count, count,
                whole.floats.begin() + (b * whole.shape[1] + first) * row);
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// Writes a checkpoint of random tensors for the weights of `module` and names
/// it there. False on an error.
bool writeWeights(ModuleOp module, const std::string &path, uint64_t seed) {
  std::string header, data;
  llvm::StringMap<bool> done;
  module.walk([&](ssm::WeightOp op) {
    if (op.getSplat() || !done.try_emplace(op.getName(), true).second)
      return;
    auto type = cast<RankedTensorType>(op.getType());
    std::mt19937_64 random(seed ^ llvm::xxh3_64bits(op.getName().str()));
    std::string shape;
    for (int64_t extent : type.getShape())
      shape += (shape.empty() ? "" : ",") + std::to_string(extent);
    size_t first = data.size();
    for (int64_t i = 0; i < type.getNumElements(); ++i) {
      float value = someNumber(random);
      data.append(reinterpret_cast<const char *>(&value), sizeof(value));
    }
    header += formatv("{0}\"{1}\":{{\"dtype\":\"F32\",\"shape\":[{2}],"
                      "\"data_offsets\":[{3},{4}]}",
                      header.empty() ? "" : ",", op.getName(), shape, first,
                      data.size())
                  .str();
  });
  if (header.empty())
    return true;
  header = "{" + header + "}";
  header.resize(llvm::alignTo(header.size(), 8), ' ');
  std::error_code error;
  llvm::raw_fd_ostream file(path, error);
  uint64_t size = header.size();
  file.write(reinterpret_cast<const char *>(&size), sizeof(size));
  file << header << data;
  module->setAttr("ssm.checkpoint", StringAttr::get(module.getContext(), path));
  return !error;
}

//===----------------------------------------------------------------------===//
// The artifact
//===----------------------------------------------------------------------===//

/// What stops a module from running by an algorithm that does not apply to it.
constexpr llvm::StringLiteral doesNotApply = "to apply to some recurrence";

LogicalResult compile(ModuleOp source, StringRef algorithm,
                      const std::string &path) {
  OwningOpRef<ModuleOp> module = source.clone();
  PassManager manager(module->getContext());
  buildNormalizePipeline(manager);
  buildDerivePipeline(manager, {}, algorithm);
  buildSchedulePipeline(manager, algorithm, /*remarks=*/false);
  buildPlanPipeline(manager);
  if (failed(manager.run(*module)))
    return failure();
  ArtifactDescription description;
  description.program = translateProgram(*module);
  description.program.kernel_abi = SSMC_KERNEL_ABI;
  description.program.producer = "ssmc-fuzz";
  description.program.name = "program";
  std::string error;
  FailureOr<CpuTarget> target = parseCpuTarget("native", error);
  if (failed(target))
    return module->emitError(error);
  FailureOr<CodeImage> image = ProgramKernels(*module).compile(*target, {});
  if (failed(image))
    return failure();
  auto variant = std::make_unique<fb::CodeVariantT>();
  variant->arch = image->target.arch;
  variant->level = image->target.level;
  variant->features = image->target.runtimeFeatures;
  variant->entries = image->entries;
  description.program.variants.push_back(std::move(variant));
  description.code.push_back({image->bytes.data(), image->bytes.size()});
  ProgramWeights weights;
  if (failed(weights.resolve(*module, "", /*external=*/false, description)))
    return failure();
  if (!writeArtifact(description, path, [](uint64_t, uint64_t) {}, error))
    return module->emitError(error);
  return success();
}

/// An opened artifact.
struct Artifact {
  Model model;
  Session session;
  SmallVector<RankedTensorType> inputs, outputs;

  bool has(const char *entry) const {
    return model.findEntry(entry).has_value();
  }
  /// Calls `entry`; on an error returns its message in `error`.
  std::optional<Tensors> call(const char *entry, ArrayRef<Tensor> arguments,
                              State *state, std::string &error);
};

ssmc_tensor describe(std::vector<float> &data, ArrayRef<int64_t> shape) {
  ssmc_tensor tensor = {};
  tensor.data = data.data();
  tensor.dtype = SSMC_F32;
  tensor.rank = static_cast<int32_t>(shape.size());
  llvm::copy(shape, tensor.shape);
  return tensor;
}

std::optional<Tensors> Artifact::call(const char *entry,
                                      ArrayRef<Tensor> arguments, State *state,
                                      std::string &error) {
  std::vector<std::vector<float>> in, out;
  std::vector<ssmc_tensor> inTensors, outTensors;
  Tensors results;
  for (const Tensor &argument : arguments) {
    in.emplace_back(argument.floats.begin(), argument.floats.end());
    inTensors.push_back(describe(in.back(), argument.shape));
  }
  for (RankedTensorType type : outputs) {
    Tensor result;
    result.shape.assign(type.getShape().begin(), type.getShape().end());
    for (unsigned axis : {0, 1})
      if (type.isDynamicDim(axis))
        result.shape[axis] = arguments[0].shape[axis];
    // What is not written shows.
    out.emplace_back(interpreter::countElements(result.shape), NAN);
    outTensors.push_back(describe(out.back(), result.shape));
    results.push_back(std::move(result));
  }
  if (Error failed = session.call(entry, inTensors, state, outTensors)) {
    error = failed.message();
    return std::nullopt;
  }
  for (auto [result, values] : llvm::zip_equal(results, out))
    result.floats.assign(values.begin(), values.end());
  return results;
}

//===----------------------------------------------------------------------===//
// Comparisons
//===----------------------------------------------------------------------===//

/// What a module should compute, and how well float32 can.
struct Expectation {
  Tensors values; // in float64
  /// Per result and time step: the largest error that may be, nothing where the
  /// values are too large to say.
  SmallVector<std::vector<std::optional<double>>> bounds;
};

class Checker {
public:
  Checker(ModuleOp module, ModuleOp meaning, const CheckOptions &options,
          Coverage &coverage)
      : module(module.clone()), meaning(meaning.clone()), options(options),
        coverage(coverage), random(options.seed) {}

  std::optional<std::string> run();

private:
  std::optional<std::string> checkAlgorithm(StringRef algorithm, bool &applies);
  std::optional<std::string> checkLength(Artifact &artifact,
                                         StringRef algorithm, int64_t batch,
                                         int64_t length);
  FailureOr<Expectation> expect(ArrayRef<Tensor> inputs);
  std::optional<std::string> compare(StringRef form, const Tensors &got,
                                     const Expectation &expected);
  std::optional<std::string> same(StringRef form, const Tensors &got,
                                  const Tensors &forward);
  OwningOpRef<ModuleOp> module, meaning;
  const CheckOptions &options;
  Coverage &coverage;
  std::mt19937_64 random;
  std::optional<interpreter::CheckpointWeights> weights;
  std::optional<interpreter::Interpreter> exact, rounded;
  bool causal = false;
  /// Whether rounding at one time may show at earlier ones, as through the
  /// frequencies.
  bool mixesTimes = false;
  double allowance = stepAllowance;
};

/// Calls `visit(time step, element)` for the elements of a result.
void forElements(const Tensor &tensor,
                 llvm::function_ref<void(int64_t, int64_t)> visit) {
  int64_t row =
      interpreter::countElements(ArrayRef(tensor.shape).drop_front(2));
  for (int64_t i = 0; i < interpreter::countElements(tensor.shape); ++i)
    visit(i / row % tensor.shape[1], i);
}

FailureOr<Expectation> Checker::expect(ArrayRef<Tensor> inputs) {
  Expectation expected;
  auto values = exact->call("forward", inputs);
  if (failed(values))
    return failure();
  expected.values = *values;
  for (const Tensor &value : expected.values)
    expected.bounds.emplace_back(value.shape[1], 0.0);
  // Rounding errors are a sample, and may by chance be none: take the largest
  // of a few.
  for (int sample = 0; sample < 3; ++sample) {
    Tensors changed(inputs.begin(), inputs.end());
    if (sample)
      for (Tensor &input : changed)
        input = jittered(std::move(input), random);
    auto wide = exact->call("forward", changed);
    auto narrow = rounded->call("forward", changed);
    if (failed(wide) || failed(narrow))
      return failure();
    for (auto [a, b, value, bounds] :
         llvm::zip_equal(*wide, *narrow, expected.values, expected.bounds)) {
      forElements(a, [&, &a = a, &b = b, &value = value,
                      &bounds = bounds](int64_t t, int64_t i) {
        double scale = std::max(std::abs(value.floats[i]), 1.0);
        double error = std::abs(a.floats[i] - b.floats[i]);
        if (!(scale < tooLarge) || !std::isfinite(error))
          bounds[t] = std::nullopt;
        else if (bounds[t])
          bounds[t] = std::max(
              {*bounds[t], error,
               // Inputs are rounded too: what they do to the result.
               std::abs(a.floats[i] - value.floats[i]), unitRoundoff * scale});
      });
    }
  }
  // An error of one step is in the state of the later ones, though it may not
  // show in this sample.
  for (auto &bounds : expected.bounds) {
    if (mixesTimes && llvm::is_contained(bounds, std::nullopt)) {
      llvm::fill(bounds, std::nullopt);
      continue;
    }
    double largest = 0;
    for (const auto &bound : bounds)
      largest = std::max(largest, bound.value_or(0));
    bool known = true;
    double before = 0;
    for (auto &bound : bounds) {
      known &= bound.has_value();
      before = std::max(before, bound.value_or(0));
      bound =
          known ? std::optional(mixesTimes ? largest : before) : std::nullopt;
    }
  }
  return expected;
}

std::optional<std::string> Checker::compare(StringRef form, const Tensors &got,
                                            const Expectation &expected) {
  std::optional<std::string> wrong;
  for (auto [number, all] : llvm::enumerate(
           llvm::zip_equal(got, expected.values, expected.bounds))) {
    const auto &[result, value, bounds] = all;
    forElements(result, [&, number = number, &result = result, &value = value,
                         &bounds = bounds](int64_t t, int64_t i) {
      ++coverage.values;
      coverage.compared += bounds[t].has_value();
      if (wrong || !bounds[t])
        return;
      double error = std::abs(result.floats[i] - value.floats[i]);
      double bound = allowance * *bounds[t];
      if (!(error <= bound))
        wrong =
            formatv("{0}: expected {1:e9} within {2:e2} in result {3} at time "
                    "{4}, element {5}, got {6:e9}",
                    form, value.floats[i], bound, number, t, i,
                    result.floats[i])
                .str();
    });
  }
  return wrong;
}

std::optional<std::string> Checker::same(StringRef form, const Tensors &got,
                                         const Tensors &forward) {
  for (auto [number, pair] : llvm::enumerate(llvm::zip_equal(got, forward))) {
    const auto &[a, b] = pair;
    for (auto [i, x, y] : llvm::enumerate(a.floats, b.floats))
      if (x != y && (x == x || y == y))
        return formatv(
                   "{0}: expected what forward gave, {1:e9}, in result {2} at "
                   "element {3}, got {4:e9}",
                   form, y, number, i, x)
            .str();
  }
  return std::nullopt;
}

std::optional<std::string> Checker::checkLength(Artifact &artifact,
                                                StringRef algorithm,
                                                int64_t batch, int64_t length) {
  std::string where =
      formatv(" ({0}, batch {1}, length {2})", algorithm, batch, length).str();
  allowance = algorithm == "sequential" ? stepAllowance : chunkAllowance;
  std::string error;
  Tensors inputs;
  for (RankedTensorType type : artifact.inputs)
    inputs.push_back(someInput(type, batch, length, random));
  FailureOr<Expectation> expected = expect(inputs);
  if (failed(expected))
    return "the interpreter fails" + where;
  auto forward = artifact.call("forward", inputs, nullptr, error);
  if (!forward)
    return "forward fails: " + error + where;
  if (auto wrong = compare("forward" + where, *forward, *expected))
    return wrong;
  if (!causal)
    return std::nullopt;

  struct Form {
    const char *name;
    SmallVector<int64_t> pieces;
    bool steps;
  };
  SmallVector<Form> forms = {{"prefill", {length}, false}};
  if (length > 1) {
    int64_t first = 1 + random() % (length - 1);
    forms.push_back({"two prefills", {first, length - first}, false});
    forms.push_back({"prefill and steps", {first}, true});
    forms.back().pieces.append(std::min<int64_t>(length - first, 5), 1);
  }
  for (const Form &form : forms) {
    Result<State> state = State::create(artifact.model, batch);
    if (!state)
      return std::string("no state: ") + state.error().message();
    Tensors results = *forward;
    int64_t first = 0;
    for (auto [number, piece] : llvm::enumerate(form.pieces)) {
      Tensors part;
      for (const Tensor &input : inputs)
        part.push_back(slice(input, first, piece));
      const char *entry = form.steps && number ? "step" : "prefill";
      State *carried = artifact.model.stateCount() ? &*state : nullptr;
      auto got = artifact.call(entry, part, carried, error);
      if (!got)
        return std::string(form.name) + " fails: " + error + where;
      for (auto [result, whole] : llvm::zip_equal(*got, results))
        place(result, first, whole);
      first += piece;
    }
    // Chunks begin where calls do, and round otherwise.
    auto wrong = algorithm == "sequential"
                     ? same(form.name + where, results, *forward)
                     : compare(form.name + where, results, *expected);
    if (wrong)
      return wrong;
  }
  return std::nullopt;
}

std::optional<std::string> Checker::checkAlgorithm(StringRef algorithm,
                                                   bool &applies) {
  std::string path = options.directory + "/program.fb", diagnostics;
  {
    ScopedDiagnosticHandler handler(
        module->getContext(), [&](Diagnostic &diagnostic) {
          if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
            diagnostics += "\n" + diagnostic.str();
          return success();
        });
    LogicalResult compiled = compile(*module, algorithm, path);
    applies = !StringRef(diagnostics).contains(doesNotApply);
    if (!applies)
      return std::nullopt;
    if (failed(compiled))
      return ("does not compile (" + algorithm + ")").str() + diagnostics;
  }
  auto forward = module->lookupSymbol<func::FuncOp>("forward");
  Result<Model> model = Model::open(path.c_str());
  if (!model)
    return std::string("does not open: ") + model.error().message();
  // Threads do not change a bit, so seeds take turns.
  Result<Device> device = Device::cpu(1 + options.seed % 2);
  if (!device)
    return std::string("no device: ") + device.error().message();
  Result<Session> session = Session::create(*model, *device);
  if (!session)
    return std::string("no session: ") + session.error().message();
  Artifact artifact{std::move(*model), std::move(*session), {}, {}};
  for (Type type : forward.getArgumentTypes())
    artifact.inputs.push_back(cast<RankedTensorType>(type));
  for (Type type : forward.getResultTypes())
    artifact.outputs.push_back(cast<RankedTensorType>(type));
  causal = artifact.has("step");
  mixesTimes = !causal || algorithm == "convolution";

  using Shape = std::pair<int64_t, int64_t>; // batch, length
  auto some = [&](int64_t first, int64_t count) {
    return first + static_cast<int64_t>(random() % count);
  };
  SmallVector<Shape> shapes = {
      {2, 0}, {3, 1}, {2, some(2, 8)}, {1, some(10, 60)}};
  // Around whole chunks, which have 64 steps.
  if (algorithm != "sequential")
    shapes = {{3, 1}, {1, some(62, 5)}, {2, some(65, 100)}};
  for (auto [batch, length] : shapes)
    if (auto wrong = checkLength(artifact, algorithm, batch, length))
      return wrong;
  return std::nullopt;
}

std::optional<std::string> Checker::run() {
  std::string checkpoint = options.directory + "/weights.safetensors";
  if (!writeWeights(*module, checkpoint, options.seed))
    return "cannot write weights";
  if (Attribute name = (*module)->getAttr("ssm.checkpoint"))
    (*meaning)->setAttr("ssm.checkpoint", name);
  auto opened = interpreter::CheckpointWeights::open(*meaning, "");
  if (failed(opened))
    return "the weights do not open";
  weights = std::move(*opened);
  for (auto [precision, which] :
       {std::pair(interpreter::Precision::Float64, &exact),
        std::pair(interpreter::Precision::Float32, &rounded)}) {
    auto created =
        interpreter::Interpreter::create(*meaning, *weights, precision);
    if (failed(created))
      return "the interpreter does not take it";
    *which = std::move(*created);
  }
  // Not convolutions: of a state that grows they lose more than these bounds.
  SmallVector<std::string> algorithms = {"sequential", "chunked", "associative",
                                         "newton"};
  bool all = options.algorithm == "all";
  if (!all && !options.algorithm.empty())
    algorithms = {options.algorithm};
  if (!all)
    std::shuffle(algorithms.begin(), algorithms.end(), random);
  for (const std::string &algorithm : algorithms) {
    bool applies;
    if (auto wrong = checkAlgorithm(algorithm, applies))
      return wrong;
    if (applies && !all)
      break;
  }
  return std::nullopt;
}

} // namespace

std::optional<std::string> check(ModuleOp module, ModuleOp meaning,
                                 const CheckOptions &options,
                                 Coverage &coverage) {
  std::string diagnostics;
  ScopedDiagnosticHandler handler(
      module.getContext(), [&](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
          diagnostics += "\n" + diagnostic.str();
        return success();
      });
  std::optional<std::string> wrong =
      Checker(module, meaning, options, coverage).run();
  if (wrong)
    *wrong += diagnostics;
  return wrong;
}

} // namespace ssmc::fuzz
