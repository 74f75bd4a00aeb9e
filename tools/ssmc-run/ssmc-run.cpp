/// Calls an entry of an artifact on .npy arrays and compares what it gives.
#include "tools/ssmc-run/call.h"
#include "tools/ssmc-run/command_line.h"
#include "tools/ssmc-run/compare.h"
#include "tools/ssmc-run/element.h"
#include "tools/ssmc-run/tensor_argument.h"
#ifdef SSMC_HAS_REFERENCE
#include "tools/ssmc-run/reference.h"
#endif
#include <cmath>
#include <cstdio>
#include <cstdlib>

using namespace ssmc;
using namespace ssmc::run;

namespace {
struct Options {
  LoadOptions load;
  std::string entry;
  std::vector<std::string> inputs, outputs, expected;
  double rtol = 1e-4, atol = 1e-4, nrmse = -1;
  std::vector<int64_t> splits;
  bool stepOnes = false;
  std::string loadState, saveState;
  std::string reference; // "", "f64" or "f32"
  bool selftest = false;
  uint64_t seed = 0;
};

bool fail(const std::string &message) {
  return printError("ssmc-run", message);
}

/// One line: type, extremes, mean and the first elements.
void printSummary(const std::string &name, const NpyArray &array) {
  std::printf("%s: %s", name.c_str(),
              typeText(array.dtype, array.shape).c_str());
  size_t width = ssmc_dtype_size(array.dtype);
  size_t count = array.data.size() / width;
  double least = INFINITY, most = -INFINITY, sum = 0;
  size_t notFinite = 0;
  for (size_t i = 0; i < count; ++i) {
    double value = readElement(array.dtype, &array.data[i * width]);
    notFinite += !std::isfinite(value);
    if (!std::isfinite(value))
      continue;
    least = std::min(least, value);
    most = std::max(most, value);
    sum += value;
  }
  if (count > notFinite)
    std::printf("  min %g  max %g  mean %g", least, most,
                sum / double(count - notFinite));
  if (notFinite)
    std::printf("  not finite %zu", notFinite);
  std::printf("  [");
  for (size_t i = 0; i < std::min<size_t>(count, 4); ++i)
    std::printf("%s%g", i ? ", " : "",
                readElement(array.dtype, &array.data[i * width]));
  std::printf("%s]\n", count > 4 ? ", ..." : "");
}

std::string indexText(const std::vector<int64_t> &index) {
  std::string text = "[";
  for (size_t i = 0; i < index.size(); ++i)
    text += (i ? ", " : "") + std::to_string(index[i]);
  return text + "]";
}

struct Tolerance {
  double rtol, atol, nrmse; // nrmse < 0: not asked for
};

/// Prints how `got` compares; false, with an error line, if it is too far.
bool check(const std::string &name, const NpyArray &got,
           const NpyArray &expected, const Tolerance &tolerance) {
  Comparison result;
  std::string error;
  if (!compareArrays(got, expected, tolerance.rtol, tolerance.atol, result,
                     error))
    return fail(name + ": " + error);
  std::printf("%s: max abs error %.3g, nrmse %.3g", name.c_str(),
              result.maxAbsError, result.nrmse);
  if (!result.worst.empty())
    std::printf(", worst at %s: got %.9g, expected %.9g",
                indexText(result.worst).c_str(), result.got, result.expected);
  std::printf("\n");
  std::fflush(stdout);
  char text[256];
  if (result.mismatches) {
    std::snprintf(text, sizeof text,
                  ": %lld of %lld elements differ by more than %g + %g * "
                  "|expected|",
                  static_cast<long long>(result.mismatches),
                  static_cast<long long>(result.count), tolerance.atol,
                  tolerance.rtol);
    return fail(name + text);
  }
  if (tolerance.nrmse >= 0 && !(result.nrmse <= tolerance.nrmse)) {
    std::snprintf(text, sizeof text,
                  ": expected an nrmse of at most %g, got %g", tolerance.nrmse,
                  result.nrmse);
    return fail(name + text);
  }
  return true;
}

/// Writes, compares or prints what an entry gave.
bool deliver(const Options &options, const std::vector<std::string> &names,
             const std::vector<NpyArray> &outputs) {
  std::string error;
  for (auto [count, flag] : {std::pair(options.outputs.size(), "--output"),
                             std::pair(options.expected.size(), "--expect")})
    if (count && count != outputs.size())
      return fail("expected no " + std::string(flag) + " or " +
                  std::to_string(outputs.size()) +
                  ", one per output of the entry, got " +
                  std::to_string(count));
  for (size_t i = 0; i < options.outputs.size(); ++i)
    if (!writeNpy(options.outputs[i].substr(1), outputs[i], error))
      return fail(error);
  bool ok = true;
  for (size_t i = 0; i < options.expected.size(); ++i) {
    NpyArray expected;
    if (!readNpy(options.expected[i].substr(1), expected, error))
      return fail(error);
    ok &= check(names[i], outputs[i], expected,
                {options.rtol, options.atol, options.nrmse});
  }
  if (options.outputs.empty() && options.expected.empty())
    for (size_t i = 0; i < outputs.size(); ++i)
      printSummary(names[i], outputs[i]);
  return ok;
}

bool prepareState(const Options &options, const LoadedModel &loaded,
                  const Entry &entry, const std::vector<NpyArray> &inputs,
                  State &state) {
  std::string error;
  if (!entry.info.carries_state) {
    bool asked = !options.loadState.empty() || !options.saveState.empty() ||
                 !options.splits.empty();
    if (!asked)
      return true;
    const std::string need =
        "--load-state, --save-state and --splits need one that does";
    if (!ssmc_model_state_count(loaded.model.get()))
      return fail("the model carries no state: " + need);
    return fail(std::string("entry '") + entry.info.name +
                "' carries no state: " + need + ", such as 'prefill'");
  }
  if (options.loadState.empty())
    return makeState(loaded.model.get(), extentsOf(entry, inputs).batch, state,
                     error) ||
           fail(error);
  ssmc_error failure{};
  return ssmc_state_load(loaded.model.get(), options.loadState.c_str(),
                         out(state), &failure) == SSMC_OK ||
         fail(failure.message);
}

bool runModel(const Options &options, const LoadedModel &loaded) {
  std::string error;
  Entry entry, step;
  if (!findEntry(loaded.model.get(), options.entry, entry, error) ||
      (options.stepOnes && !findEntry(loaded.model.get(), "step", step, error)))
    return fail(error);
  std::vector<NpyArray> inputs(options.inputs.size());
  RandomNumbers random(options.seed);
  for (size_t i = 0; i < inputs.size(); ++i) {
    uint64_t bound = i < entry.inputs.size() ? entry.inputs[i].bound : 0;
    if (!makeArray(options.inputs[i], bound, random, inputs[i], error))
      return fail(error);
  }
  State state;
  if (!prepareState(options, loaded, entry, inputs, state))
    return false;
  std::vector<NpyArray> outputs;
  bool ok =
      options.splits.empty()
          ? callEntry(loaded, entry, inputs, state.get(), outputs, error)
          : callInPieces(loaded, entry, options.stepOnes ? &step : nullptr,
                         options.splits, inputs, state.get(), outputs, error);
  if (!ok)
    return fail(error);
  ssmc_error failure{};
  if (!options.saveState.empty() &&
      ssmc_state_save(state.get(), options.saveState.c_str(), &failure) !=
          SSMC_OK)
    return fail(failure.message);
  std::vector<std::string> names;
  for (const ssmc_tensor_info &output : entry.outputs)
    names.push_back(output.name);
  return deliver(options, names, outputs);
}

bool readAsset(const ssmc_model *model, const char *name, NpyArray &array) {
  const void *data;
  size_t size;
  if (ssmc_model_asset(model, name, &data, &size) != SSMC_OK)
    return fail("asset '" + std::string(name) + "' is not in the artifact");
  std::string error;
  return parseNpy(data, size, array, error) ||
         fail("asset '" + std::string(name) + "': " + error);
}

bool runSelftest(const LoadedModel &loaded, int32_t index) {
  const ssmc_model *model = loaded.model.get();
  ssmc_selftest_info info;
  if (ssmc_model_selftest(model, index, &info) != SSMC_OK)
    return fail("self test " + std::to_string(index) + " cannot be read");
  std::vector<NpyArray> inputs(info.input_count);
  std::vector<NpyArray> expected(info.expected_count);
  const char *name;
  for (int32_t i = 0; i < info.input_count; ++i)
    if (ssmc_model_selftest_input(model, index, i, &name) != SSMC_OK ||
        !readAsset(model, name, inputs[i]))
      return false;
  for (int32_t i = 0; i < info.expected_count; ++i)
    if (ssmc_model_selftest_expected(model, index, i, &name) != SSMC_OK ||
        !readAsset(model, name, expected[i]))
      return false;
  std::string error;
  Entry entry;
  State state;
  std::vector<NpyArray> outputs;
  if (!findEntry(model, info.entry, entry, error) ||
      (entry.info.carries_state &&
       !makeState(model, extentsOf(entry, inputs).batch, state, error)) ||
      !callEntry(loaded, entry, inputs, state.get(), outputs, error))
    return fail("self test " + std::to_string(index) + ": " + error);
  if (outputs.size() != expected.size())
    return fail("self test " + std::to_string(index) + ": expected " +
                std::to_string(expected.size()) + " outputs, got " +
                std::to_string(outputs.size()));
  bool ok = true;
  for (size_t i = 0; i < outputs.size(); ++i)
    ok &= check("self test " + std::to_string(index) + ": " + info.entry +
                    ": " + entry.outputs[i].name,
                outputs[i], expected[i], {info.rtol, info.atol, -1});
  return ok;
}

bool runSelftests(const LoadedModel &loaded) {
  int32_t count = ssmc_model_selftest_count(loaded.model.get());
  if (count == 0)
    return fail("the artifact bundles no self tests");
  int32_t failed = 0;
  for (int32_t i = 0; i < count; ++i)
    failed += !runSelftest(loaded, i);
  std::printf("%d passed, %d failed\n", count - failed, failed);
  return failed == 0;
}

bool runInterpreter(const Options &options) {
#ifdef SSMC_HAS_REFERENCE
  std::string error;
  std::vector<NpyArray> inputs(options.inputs.size()), outputs;
  RandomNumbers random(options.seed);
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!makeArray(options.inputs[i], 0, random, inputs[i], error))
      return fail(error);
  if (!runReference(options.load.path, options.entry, inputs,
                    options.reference == "f64", outputs, error))
    return fail(error);
  std::vector<std::string> names;
  for (size_t i = 0; i < outputs.size(); ++i)
    names.push_back("output " + std::to_string(i));
  return deliver(options, names, outputs);
#else
  (void)options;
  return fail("--reference needs the compiler, which this build leaves out");
#endif
}

/// Every --output and --expect names a file as --input does.
std::string checkAtSign(const std::string &text) {
  return text.size() > 1 && text[0] == '@'
             ? ""
             : "expected '@file.npy', got '" + text + "'";
}

/// CLI::NonNegativeNumber would name the largest double.
std::string checkNotNegative(const std::string &text) {
  char *end = nullptr;
  double value = std::strtod(text.c_str(), &end);
  return end != text.c_str() && !*end && value >= 0
             ? ""
             : "expected a number that is not negative, got '" + text + "'";
}

/// An option that may be given several times, with one value each.
template <typename T>
CLI::Option *addList(CLI::App &app, const char *name, std::vector<T> &values,
                     const char *help) {
  return app.add_option(name, values, help)->allow_extra_args(false);
}

/// What says which entry to call on what.
std::vector<CLI::Option *> declareCall(CLI::App &app, Options &options) {
  return {
      app.add_option("--entry", options.entry,
                     "entry to call (forward; with --splits prefill)"),
      addList(app, "--input", options.inputs,
              "one per input, in order: @x.npy, 2x3xi64=@x.npy (checked), "
              "2x3xf32=0.5 (all elements) or 2x64xi64=random"),
      app.add_option("--seed", options.seed, "of random inputs"),
  };
}

std::vector<CLI::Option *> declareOutputs(CLI::App &app, Options &options) {
  std::vector<CLI::Option *> declared = {
      addList(app, "--output", options.outputs,
              "one per output, in order: @y.npy to write")
          ->check(checkAtSign)};
  CLI::Option *expect = addList(app, "--expect", options.expected,
                                "one per output, in order: @y.npy to compare "
                                "with");
  declared.push_back(expect->check(checkAtSign));
  for (auto [name, value, help] :
       {std::tuple("--rtol", &options.rtol,
                   "an element matches within atol + rtol * |expected|"),
        std::tuple("--atol", &options.atol, "see --rtol"),
        std::tuple("--nrmse", &options.nrmse,
                   "bound also the rms error over the rms of the expected")}) {
    CLI::Option *option = app.add_option(name, *value, help)
                              ->check(checkNotNegative)
                              ->needs(expect);
    if (*value >= 0)
      option->capture_default_str();
    declared.push_back(option);
  }
  return declared;
}

std::vector<CLI::Option *> declareState(CLI::App &app, Options &options) {
  CLI::Option *splits =
      addList(app, "--splits", options.splits,
              "call on consecutive pieces of these lengths, as 8,1,28, and "
              "join the outputs")
          ->delimiter(',')
          ->check(checkNotNegative);
  return {splits,
          app.add_flag("--step-ones", options.stepOnes,
                       "give pieces of length 1 to the entry 'step'")
              ->needs(splits),
          app.add_option("--load-state", options.loadState,
                         "start from this state file, not afresh"),
          app.add_option("--save-state", options.saveState,
                         "write the state that the call leaves")};
}

std::vector<CLI::Option *> declareLoading(CLI::App &app, Options &options) {
  return {app.add_option("--threads", options.load.threads,
                         "0, the default: one per processor")
              ->check(CLI::Range(0, 1024)),
          app.add_option("--cpu", options.load.cpuLevel,
                         "code for this level (x86-64-v3), not the best"),
          app.add_option_function<std::string>(
                 "--verify",
                 [&options](const std::string &text) {
                   options.load.verifyFull = text == "full";
                 },
                 "structure (the default), or full: the weights' bytes too")
              ->check(CLI::IsMember({"structure", "full"}))};
}

void declare(CLI::App &app, Options &options) {
  app.add_option("model", options.load.path,
                 "artifact (model.fb), or with --reference a .mlir file")
      ->required();
  auto exclude = [](CLI::Option *option, std::vector<CLI::Option *> others) {
    for (CLI::Option *other : others)
      option->excludes(other);
  };
  std::vector<CLI::Option *> call = declareCall(app, options);
  std::vector<CLI::Option *> outputs = declareOutputs(app, options);
  std::vector<CLI::Option *> state = declareState(app, options);
  std::vector<CLI::Option *> loading = declareLoading(app, options);
  CLI::Option *selftest = app.add_flag("--selftest", options.selftest,
                                       "run the checks that the artifact "
                                       "carries");
  CLI::Option *reference =
      // A flag, so that its value is what follows '=', not the next argument.
      app.add_flag("--reference{f64}", options.reference,
                   "interpret a .mlir file, in float64 or float32 (=f32)")
          ->check(CLI::IsMember({"f64", "f32"}));
  exclude(selftest, call);
  exclude(selftest, outputs);
  exclude(selftest, state);
  exclude(reference, state);
  exclude(reference, loading);
  exclude(reference, {selftest});
}

bool execute(const Options &options) {
  if (!options.reference.empty())
    return runInterpreter(options);
  std::string error;
  LoadedModel loaded;
  if (!loadModel(options.load, loaded, error))
    return fail(error);
  return options.selftest ? runSelftests(loaded) : runModel(options, loaded);
}
} // namespace

int main(int argc, char **argv) {
  Options options;
  CLI::App app("Calls an entry of an artifact on .npy arrays.", "ssmc-run");
  declare(app, options);
  if (std::optional<int> status = parseCommandLine(app, argc, argv))
    return *status;
  if (options.entry.empty())
    options.entry = options.splits.empty() ? "forward" : "prefill";
  return finish("ssmc-run", [&] { return execute(options); });
}
