#include "tools/ssmc-run/reference.h"

#include "compiler/Interpreter/Interpreter.h"
#include "dialects/Plan/PlanDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/Path.h"
#include <cstring>

using namespace mlir;
using namespace ssmc::interpreter;

namespace ssmc {

/// The elements of `array`, converted one by one.
template <typename From, typename To>
static void copyElements(const NpyArray &array, std::vector<To> &out) {
  out.resize(array.data.size() / sizeof(From));
  for (size_t i = 0; i < out.size(); ++i) {
    From value;
    std::memcpy(&value, &array.data[i * sizeof(From)], sizeof(From));
    out[i] = value;
  }
}

static bool toTensor(const NpyArray &array, Tensor &tensor) {
  tensor.shape.assign(array.shape.begin(), array.shape.end());
  switch (array.dtype) {
  case SSMC_F32:
    copyElements<float>(array, tensor.floats);
    return true;
  case SSMC_F64:
    copyElements<double>(array, tensor.floats);
    return true;
  case SSMC_I32:
    copyElements<int32_t>(array, tensor.integers);
    return true;
  case SSMC_I64:
    copyElements<int64_t>(array, tensor.integers);
    return true;
  case SSMC_U8:
    copyElements<uint8_t>(array, tensor.integers);
    return true;
  default:
    return false;
  }
}

template <typename To, typename From>
static void storeElements(ArrayRef<From> values, NpyArray &array) {
  array.data.resize(values.size() * sizeof(To));
  for (size_t i = 0; i < values.size(); ++i) {
    To value = values[i];
    std::memcpy(&array.data[i * sizeof(To)], &value, sizeof(To));
  }
}

/// A float64 result stays one, so that tests can ask for its precision.
static NpyArray fromTensor(const Tensor &tensor, bool float64) {
  NpyArray array;
  array.shape.assign(tensor.shape.begin(), tensor.shape.end());
  if (!tensor.integers.empty()) {
    array.dtype = SSMC_I64;
    storeElements<int64_t>(ArrayRef(tensor.integers), array);
  } else if (float64) {
    array.dtype = SSMC_F64;
    storeElements<double>(ArrayRef(tensor.floats), array);
  } else {
    array.dtype = SSMC_F32;
    storeElements<float>(ArrayRef(tensor.floats), array);
  }
  return array;
}

/// `model.mlir:3:8: error: ...`, its notes on lines of their own.
static std::string textOf(Diagnostic &diagnostic) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  auto line = [&](Diagnostic &part, StringRef kind) {
    if (auto at = dyn_cast<FileLineColLoc>(part.getLocation()))
      stream << at.getFilename().getValue() << ":" << at.getLine() << ":"
             << at.getColumn() << ": ";
    stream << kind << part;
  };
  line(diagnostic, "");
  for (Diagnostic &note : diagnostic.getNotes()) {
    stream << "\n";
    line(note, "note: ");
  }
  return text;
}

bool runReference(const std::string &mlirPath, const std::string &entry,
                  const std::vector<NpyArray> &inputs, bool float64,
                  std::vector<NpyArray> &outputs, std::string &error) {
  MLIRContext context;
  // An op's text can be the whole module.
  context.printOpOnDiagnostic(false);
  // Derived entries come with the state table of the artifact.
  context.loadDialect<func::FuncDialect, plan::PlanDialect, ssm::SsmDialect>();
  std::string diagnostics;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
      return;
    if (!diagnostics.empty())
      diagnostics += "\n";
    diagnostics += textOf(diagnostic);
  });
  auto fail = [&]() {
    error = diagnostics;
    return false;
  };

  OwningOpRef<ModuleOp> module =
      parseSourceFile<ModuleOp>(mlirPath, ParserConfig(&context));
  if (!module)
    return fail();
  StringRef directory = llvm::sys::path::parent_path(mlirPath);
  auto weights = CheckpointWeights::open(*module, directory);
  if (failed(weights))
    return fail();
  auto interpreter = Interpreter::create(
      *module, *weights, float64 ? Precision::Float64 : Precision::Float32);
  if (failed(interpreter))
    return fail();
  SmallVector<Tensor> arguments(inputs.size());
  for (auto [i, input] : llvm::enumerate(inputs))
    if (!toTensor(input, arguments[i])) {
      error = "expected input " + std::to_string(i) +
              " to be f32, f64, i32, i64 or u8, got " +
              ssmc_dtype_name(input.dtype);
      return false;
    }
  auto results = interpreter->call(entry, arguments);
  if (failed(results))
    return fail();
  outputs.clear();
  for (const Tensor &result : *results)
    outputs.push_back(fromTensor(result, float64));
  return true;
}

} // namespace ssmc
