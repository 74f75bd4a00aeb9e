#include "compiler/Interpreter/WeightProvider.h"

#include "compiler/Weights/Convert.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace ssmc::interpreter {

FailureOr<CheckpointWeights> CheckpointWeights::open(ModuleOp module,
                                                     StringRef directory) {
  CheckpointWeights weights;
  Attribute attribute = module->getAttr("ssm.checkpoint");
  if (!attribute) {
    weights.directory = directory.empty() ? "." : directory.str();
    return weights;
  }
  auto name = dyn_cast<StringAttr>(attribute);
  if (!name)
    return module.emitError("expected module attribute 'ssm.checkpoint' to be "
                            "a string, got ")
           << attribute;
  llvm::SmallString<128> path(name.getValue());
  llvm::sys::path::make_absolute(directory, path);
  std::string error;
  if (!weights::Checkpoint::open(path.str().str(), weights.checkpoint.emplace(),
                                 error))
    return module.emitError(error);
  return weights;
}

/// The checkpoint's spelling of a float type; nothing for other types.
static std::optional<weights::DType> dtypeOf(Type type) {
  if (type.isF32())
    return weights::DType::F32;
  if (type.isBF16())
    return weights::DType::BF16;
  if (type.isF16())
    return weights::DType::F16;
  return std::nullopt;
}

FailureOr<const weights::Checkpoint *>
CheckpointWeights::checkpointOf(StringRef name,
                                function_ref<InFlightDiagnostic()> emitError) {
  std::string error;
  if (!checkpoint &&
      !weights::Checkpoint::open(directory, checkpoint.emplace(), error)) {
    checkpoint.reset();
    return emitError() << "expected weight '" << name
                       << "' in a checkpoint beside the model or in that which "
                          "module attribute 'ssm.checkpoint' names: "
                       << error;
  }
  return &*checkpoint;
}

FailureOr<Tensor>
CheckpointWeights::find(StringRef name, RankedTensorType type,
                        function_ref<InFlightDiagnostic()> emitError) {
  auto opened = checkpointOf(name, emitError);
  if (failed(opened))
    return failure();
  const weights::TensorView *view = (*opened)->find(name);
  if (!view)
    return emitError() << "expected weight '" << name
                       << "' in the checkpoint, which has no tensor of that "
                          "name";
  bool sameShape = llvm::equal(view->shape, type.getShape());
  if (!sameShape || dtypeOf(type.getElementType()) != view->dtype)
    return emitError() << "expected weight '" << name << "' to be " << type
                       << ", got " << weights::shapeText(view->shape) << " "
                       << std::string(weights::spelling(view->dtype)) << " in "
                       << view->file;
  std::vector<float> values(view->elements());
  weights::toFloat32(*view, values.data());
  Tensor tensor;
  tensor.shape.assign(type.getShape().begin(), type.getShape().end());
  tensor.floats.assign(values.begin(), values.end());
  return tensor;
}

} // namespace ssmc::interpreter
