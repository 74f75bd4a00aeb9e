// Whether the stages keep what a model computes, by interpretation.

#include "compiler/Interpreter/Interpreter.h"
#include "compiler/Pipelines/Pipelines.h"
#include "compiler/Pipelines/Registration.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace mlir;
using namespace ssmc;
using interpreter::Interpreter;
using interpreter::Tensor;

namespace {
using Tensors = SmallVector<Tensor>;

/// Values in [-1/2, 1/2) that depend on a weight's name alone, of few enough
/// bits for every dtype.
struct NoiseWeights : interpreter::WeightProvider {
  FailureOr<Tensor> find(StringRef name, RankedTensorType type,
                         function_ref<InFlightDiagnostic()>) override {
    std::seed_seq seed(name.begin(), name.end());
    std::mt19937 random(seed);
    Tensor tensor;
    tensor.shape = SmallVector<int64_t>(type.getShape());
    for (int64_t i = 0; i < type.getNumElements(); ++i)
      tensor.floats.push_back(random() % 128 / 128.0 - 0.5);
    return tensor;
  }
};

class PipelinesTest : public testing::Test {
protected:
  PipelinesTest() {
    DialectRegistry registry;
    registerAllDialects(registry);
    context.appendDialectRegistry(registry);
    module = parseSourceFile<ModuleOp>(SSMC_TEST_MODEL, &context);
  }

  bool apply(function_ref<void(OpPassManager &)> build) {
    PassManager manager(&context);
    build(manager);
    return succeeded(manager.run(*module));
  }

  Tensors call(StringRef entry, ArrayRef<Tensor> arguments) {
    auto interpreter = Interpreter::create(*module, weights);
    if (failed(interpreter))
      return {};
    FailureOr<Tensors> results = interpreter->call(entry, arguments);
    return succeeded(results) ? std::move(*results) : Tensors();
  }

  /// Two sequences of `length` ids, of which the model has 32, that start at
  /// `begin` of longer ones.
  static Tensor ids(int64_t begin, int64_t length) {
    Tensor tensor;
    tensor.shape = {2, length};
    for (int64_t row = 0; row < 2; ++row)
      for (int64_t t = begin; t < begin + length; ++t)
        tensor.integers.push_back((7 + 13 * row + 5 * t * t) % 32);
    return tensor;
  }

  /// States of two sequences before their first step.
  static Tensors zeroStates() {
    Tensors states;
    for (int64_t last : {3, 4, 3, 4})
      states.push_back({{2, 16, last}, std::vector<double>(2 * 16 * last), {}});
    return states;
  }

  static Tensors join(Tensor input, ArrayRef<Tensor> states) {
    Tensors all = {std::move(input)};
    llvm::append_range(all, states);
    return all;
  }

  /// The logits of time step `t` of both sequences.
  static std::vector<double> logitsAt(const Tensor &logits, int64_t t) {
    int64_t length = logits.shape[1], width = logits.shape[2];
    std::vector<double> values;
    for (int64_t row = 0; row < 2; ++row) {
      auto begin = logits.floats.begin() + (row * length + t) * width;
      values.insert(values.end(), begin, begin + width);
    }
    return values;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  NoiseWeights weights;
};

TEST_F(PipelinesTest, NormalizeKeepsWhatForwardComputes) {
  ASSERT_TRUE(module);
  Tensors before = call("forward", {ids(0, 6)});
  ASSERT_TRUE(apply(buildNormalizePipeline));
  Tensors after = call("forward", {ids(0, 6)});
  ASSERT_EQ(before.size(), 1u);
  ASSERT_EQ(after.size(), 1u);
  ASSERT_EQ(after[0].shape, before[0].shape);
  double largest = 0;
  for (size_t i = 0; i < before[0].floats.size(); ++i) {
    largest = std::max(largest, std::abs(before[0].floats[i]));
    // Folded parameters are rounded to float32, once.
    EXPECT_NEAR(after[0].floats[i], before[0].floats[i], 1e-6);
  }
  EXPECT_GT(largest, 0.1);
}

TEST_F(PipelinesTest, EveryEntryComputesForward) {
  ASSERT_TRUE(module && apply(buildNormalizePipeline));
  Tensors whole = call("forward", {ids(0, 6)});
  ASSERT_EQ(whole.size(), 1u);
  ASSERT_TRUE(apply([](OpPassManager &manager) {
    buildDerivePipeline(manager, /*entries=*/{}, "auto");
  }));

  Tensors forward = call("forward", join(ids(0, 6), zeroStates()));
  ASSERT_EQ(forward.size(), 5u);
  EXPECT_EQ(forward[0].floats, whole[0].floats);

  // Four time steps at once, none, then two one by one.
  Tensors results = call("prefill", join(ids(0, 4), zeroStates()));
  ASSERT_EQ(results.size(), 5u);
  for (int64_t t = 0; t < 4; ++t)
    EXPECT_EQ(logitsAt(results[0], t), logitsAt(whole[0], t)) << t;
  results = call("prefill", join(ids(4, 0), ArrayRef(results).drop_front()));
  ASSERT_EQ(results.size(), 5u);
  for (int64_t t = 4; t < 6; ++t) {
    results = call("step", join(ids(t, 1), ArrayRef(results).drop_front()));
    ASSERT_EQ(results.size(), 5u);
    EXPECT_EQ(logitsAt(results[0], 0), logitsAt(whole[0], t)) << t;
  }
  for (size_t i = 1; i < 5; ++i)
    EXPECT_EQ(results[i].floats, forward[i].floats) << "state " << i;
}

} // namespace
