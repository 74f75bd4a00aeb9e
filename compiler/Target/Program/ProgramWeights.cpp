//===- ProgramWeights.cpp - bytes of a program's weights ------------------===//

#include "compiler/Interpreter/Interpreter.h"
#include "compiler/Target/Program/Program.h"

#include "compiler/Weights/Checkpoint.h"
#include "compiler/Weights/Convert.h"
#include <cmath>
#include <deque>

using namespace mlir;
using namespace ssmc;

struct ProgramWeights::Storage {
  std::optional<interpreter::CheckpointWeights> weights;
  /// Computed parameters in the program's dtype. A deque: pointers into it
  /// stay.
  std::deque<std::vector<uint8_t>> computed;
};

ProgramWeights::ProgramWeights() : storage(std::make_unique<Storage>()) {}
ProgramWeights::~ProgramWeights() = default;

/// Narrows `values` to the element type of `type`, refusing what is not finite:
/// parameters are decays and scales, where a NaN spoils every later step.
static LogicalResult narrow(plan::WeightOp op,
                            const interpreter::Tensor &tensor,
                            std::vector<uint8_t> &bytes) {
  Type element = cast<RankedTensorType>(op.getType()).getElementType();
  for (auto [i, value] : llvm::enumerate(tensor.floats)) {
    if (!std::isfinite(value))
      return op.emitError("expected finite values of parameter '")
             << op.getSource() << "', got " << value << " at element " << i;
  }
  auto append = [&](auto narrowed) {
    auto *first = reinterpret_cast<const uint8_t *>(&narrowed);
    bytes.insert(bytes.end(), first, first + sizeof(narrowed));
  };
  for (int64_t value : tensor.integers)
    append(value);
  for (double value : tensor.floats) {
    APFloat number(value);
    bool lost;
    number.convert(cast<FloatType>(element).getFloatSemantics(),
                   APFloat::rmNearestTiesToEven, &lost);
    uint64_t bits = number.bitcastToAPInt().getZExtValue();
    if (element.isF32())
      append(static_cast<uint32_t>(bits));
    else
      append(static_cast<uint16_t>(bits));
  }
  return success();
}

/// "BF16 384x16", for messages.
static std::string describe(const weights::TensorView &view) {
  return std::string(weights::spelling(view.dtype)) + " " +
         weights::shapeText(view.shape);
}

static bool matches(const weights::TensorView &view, RankedTensorType type) {
  Type element = type.getElementType();
  weights::DType wanted = element.isBF16()  ? weights::DType::BF16
                          : element.isF16() ? weights::DType::F16
                                            : weights::DType::F32;
  return view.dtype == wanted &&
         llvm::equal(view.shape, type.getShape(), [](uint64_t a, int64_t b) {
           return a == static_cast<uint64_t>(b);
         });
}

LogicalResult ProgramWeights::resolve(ModuleOp module, StringRef directory,
                                      bool external,
                                      ArtifactDescription &description) {
  auto opened = interpreter::CheckpointWeights::open(module, directory);
  if (failed(opened))
    return failure();
  interpreter::CheckpointWeights &provider =
      storage->weights.emplace(std::move(*opened));

  fb::ProgramT &program = description.program;
  description.weights.resize(program.weights.size());
  for (auto [i, op] : llvm::enumerate(module.getOps<plan::WeightOp>())) {
    fb::WeightT &weight = *program.weights[i];
    WeightContent &content = description.weights[i];
    auto type = cast<RankedTensorType>(op.getType());
    if (weight.storage == fb::WeightStorage_splat)
      continue;
    if (!op.getBody().empty()) {
      auto parameter = cast<ssm::ParameterOp>(op.getBody().front().front());
      FailureOr<interpreter::Tensor> value =
          interpreter::evaluateParameter(parameter, provider);
      if (failed(value) ||
          failed(narrow(op, *value, storage->computed.emplace_back())))
        return failure();
      content = WeightContent::inMemory(storage->computed.back().data());
      continue;
    }
    auto checkpoint = provider.checkpointOf(
        op.getSource(), [op = op]() mutable { return op.emitError(); });
    if (failed(checkpoint))
      return failure();
    const weights::TensorView *view = (*checkpoint)->find(op.getSource().str());
    if (!view)
      return op.emitError("expected weight '")
             << op.getSource() << "' in the checkpoint, got none of that name";
    if (!matches(*view, type))
      return op.emitError("expected weight '")
             << op.getSource() << "' to be " << type << ", got "
             << describe(*view) << " in '" << view->file << "'";
    content = WeightContent::inMemory(view->data);
    if (external) {
      weight.storage = fb::WeightStorage_file;
      weight.offset = view->fileOffset;
      if (program.weight_files.empty())
        for (const weights::Checkpoint::File &file : (*checkpoint)->files()) {
          program.weight_files.push_back(std::make_unique<fb::WeightFileT>());
          program.weight_files.back()->name = file.name;
          program.weight_files.back()->size = file.bytes;
        }
      for (auto [number, file] : llvm::enumerate(program.weight_files))
        if (file->name == view->file)
          weight.source = number;
    }
  }
  return success();
}
