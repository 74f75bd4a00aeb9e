#include "tools/ssmc/SelfTest.h"

#include "compiler/Interpreter/Interpreter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "tools/npy/npy.h"
#include <random>

using namespace mlir;
using namespace ssmc;

// float32 against float64 over a model's depth; a wrong kernel is off by far
// more.
static constexpr double relativeTolerance = 1e-3, absoluteTolerance = 1e-3;
static constexpr int64_t sequences = 2;

/// An input of `type` with unknown extents filled in: ids below `bound`, else
/// numbers between -1 and 1.
static interpreter::Tensor randomInput(RankedTensorType type, int64_t length,
                                       uint64_t bound,
                                       std::mt19937_64 &random) {
  interpreter::Tensor tensor;
  int64_t count = 1;
  for (auto [axis, extent] : llvm::enumerate(type.getShape())) {
    int64_t size = !ShapedType::isDynamic(extent) ? extent
                   : axis == 0                    ? sequences
                                                  : length;
    tensor.shape.push_back(size);
    count *= size;
  }
  for (int64_t i = 0; i < count; ++i) {
    uint64_t bits = random();
    if (type.getElementType().isInteger())
      tensor.integers.push_back(bound ? bits % bound : 0);
    else // exact in float32, as the artifact reads it
      tensor.floats.push_back(static_cast<float>(bits >> 40) / (1 << 23) - 1);
  }
  return tensor;
}

static NpyArray toNpy(const interpreter::Tensor &tensor) {
  NpyArray array;
  array.shape.assign(tensor.shape.begin(), tensor.shape.end());
  auto fill = [&](auto element, const auto &values) {
    for (auto value : values) {
      element = value;
      auto *bytes = reinterpret_cast<const std::byte *>(&element);
      array.data.insert(array.data.end(), bytes, bytes + sizeof(element));
    }
  };
  array.dtype = tensor.integers.empty() ? SSMC_F32 : SSMC_I64;
  if (tensor.integers.empty())
    fill(float(), tensor.floats);
  else
    fill(int64_t(), tensor.integers);
  return array;
}

LogicalResult ssmc::addSelfTest(ModuleOp model, StringRef directory,
                                int64_t length,
                                ArtifactDescription &description,
                                std::deque<std::vector<std::byte>> &storage) {
  auto forward = model.lookupSymbol<func::FuncOp>("forward");
  const fb::EntryT *entry = nullptr;
  for (const auto &candidate : description.program.entries)
    if (candidate->name == "forward")
      entry = candidate.get();
  if (!forward || !entry)
    return model.emitError("expected entry 'forward' for a self test");

  std::mt19937_64 random(1);
  SmallVector<interpreter::Tensor> inputs;
  for (auto [type, spec] : llvm::zip(forward.getArgumentTypes(), entry->inputs))
    inputs.push_back(
        randomInput(cast<RankedTensorType>(type), length, spec->bound, random));
  auto weights = interpreter::CheckpointWeights::open(model, directory);
  if (failed(weights))
    return failure();
  auto reference = interpreter::Interpreter::create(model, *weights);
  if (failed(reference))
    return failure();
  auto outputs = reference->call("forward", inputs);
  if (failed(outputs))
    return failure();

  auto test = std::make_unique<fb::SelfTestT>();
  test->entry = "forward";
  test->rtol = relativeTolerance;
  test->atol = absoluteTolerance;
  auto addAsset = [&](StringRef kind, size_t number,
                      const interpreter::Tensor &tensor) {
    auto asset = std::make_unique<fb::AssetT>();
    asset->name = ("selftest-" + kind + std::to_string(number) + ".npy").str();
    std::string name = asset->name;
    storage.push_back(formatNpy(toNpy(tensor)));
    description.assets.push_back(
        {reinterpret_cast<const uint8_t *>(storage.back().data()),
         storage.back().size()});
    description.program.assets.push_back(std::move(asset));
    return name;
  };
  for (auto [i, input] : llvm::enumerate(inputs))
    test->inputs.push_back(addAsset("input", i, input));
  for (auto [i, output] : llvm::enumerate(*outputs))
    test->expected.push_back(addAsset("expected", i, output));
  description.program.selftests.push_back(std::move(test));
  return success();
}
