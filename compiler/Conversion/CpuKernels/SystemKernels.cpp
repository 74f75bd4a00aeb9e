//===- SystemKernels.cpp - taps of diagonal systems -----------------------===//
//
// Sums of powers, sum_n weight[n] decay[n]^l, for as many l as a sequence has
// steps. A block of sixteen takes the first sixteen powers from a table and
// multiplies them by one more, decay^16k times the weight, which is carried
// from block to block in float64: no float32 product is longer than two.
//
//===----------------------------------------------------------------------===//

#include "compiler/Conversion/CpuKernels/ChannelLanes.h"
#include "compiler/Conversion/CpuKernels/CpuKernelModels.h"

#include "dialects/Ssm/SsmConvolutions.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace ssmc;

namespace {

constexpr int64_t blockSteps = 16;
/// Taps summed side by side.
constexpr int64_t tile = 4;

class PowerSums {
public:
  PowerSums(ssm::KernelOp op, KernelEmitter &e)
      : op(op), e(e), lanes(e, op.getSystems()), states(statesOf(op)),
        parts(partsOf(op)) {}

  static int64_t statesOf(ssm::KernelOp op) {
    return cast<RankedTensorType>(op.getParameters()[0].getType())
        .getDimSize(1);
  }
  /// Two for complex numbers, one for real ones.
  static int64_t partsOf(ssm::KernelOp op) {
    return op.getParameters().size() / 2;
  }
  static int64_t getScratchBytes(ssm::KernelOp op) {
    return 4 * statesOf(op) * floatsPerState(partsOf(op));
  }

  void emit() {
    lanes.forItems([&](Value first) {
      e.forLoop(e.index(0), e.index(states), e.index(1),
                [&](Value n) { prepare(n, first); });
      e.forLoop(e.index(0), e.length, e.index(blockSteps), [&](Value begin) {
        e.forLoop(e.index(0), e.index(blockSteps), e.index(tile),
                  [&](Value r) { sumTile(begin, r, first); });
        e.forLoop(e.index(0), e.index(states), e.index(1),
                  [&](Value n) { advance(n); });
      });
    });
  }

private:
  using Number = SmallVector<Value, 2>; // parts

  // Of each state in scratch: powers of the decay, the factor of the present
  // block in float32 and float64, the decay from block to block in float64.
  static int64_t floatsPerState(int64_t parts) {
    return parts * laneCount * (blockSteps + 1 + 2 + 2);
  }
  Value place(Value n, int64_t vectors, int64_t part) {
    return e.add(e.mul(n, e.index(floatsPerState(parts))),
                 e.index((vectors * parts + part) * laneCount));
  }
  Value powerPlace(Value n, Value r, int64_t part) {
    return e.add(place(n, 0, part), e.mul(r, e.index(parts * laneCount)));
  }
  Value factorPlace(Value n, int64_t part) {
    return place(n, blockSteps, part);
  }
  // Two vectors of float32 have the room of one of float64.
  Value wideFactorPlace(Value n, int64_t part) {
    return e.add(place(n, blockSteps + 1, 0), e.index(2 * part * laneCount));
  }
  Value stridePlace(Value n, int64_t part) {
    return e.add(place(n, blockSteps + 3, 0), e.index(2 * part * laneCount));
  }

  // --- Vectors ---------------------------------------------------------------
  VectorType wideType() {
    return VectorType::get(laneCount, e.builder.getF64Type());
  }
  Value widen(Value x) {
    return arith::ExtFOp::create(e.builder, e.loc, wideType(), x);
  }
  Value narrow(Value x) {
    return arith::TruncFOp::create(e.builder, e.loc, e.laneType(laneCount), x);
  }
  Value load(Value at) {
    return vector::LoadOp::create(e.builder, e.loc,
                                  cast<VectorType>(e.laneType(laneCount)),
                                  e.scratch, at);
  }
  void store(Value x, Value at) {
    vector::StoreOp::create(e.builder, e.loc, x, e.scratch, at);
  }
  Value loadWide(Value at) {
    Value bits = vector::LoadOp::create(
        e.builder, e.loc, cast<VectorType>(e.laneType(2 * laneCount)),
        e.scratch, at);
    return vector::BitCastOp::create(e.builder, e.loc, wideType(), bits);
  }
  void storeWide(Value x, Value at) {
    store(vector::BitCastOp::create(e.builder, e.loc, e.laneType(2 * laneCount),
                                    x),
          at);
  }
  Value mul(Value a, Value b) {
    return arith::MulFOp::create(e.builder, e.loc, a, b);
  }
  Value fma(Value a, Value b, Value c) {
    return math::FmaOp::create(e.builder, e.loc, a, b, c);
  }
  Value neg(Value a) { return arith::NegFOp::create(e.builder, e.loc, a); }
  Number multiply(const Number &a, const Number &b) {
    if (parts == 1)
      return {mul(a[0], b[0])};
    return {fma(a[0], b[0], neg(mul(a[1], b[1]))),
            fma(a[0], b[1], mul(a[1], b[0]))};
  }

  // --- States ----------------------------------------------------------------
  /// Parameters `from` and on as a number of state `n`.
  Number parameter(int64_t from, Value n, Value first) {
    Number number;
    for (int64_t part = 0; part < parts; ++part)
      number.push_back(lanes.loadRows(op.getParameters()[from + part],
                                      {Value(), n}, 0, first));
    return number;
  }

  void prepare(Value n, Value first) {
    Number decay, power, weight = parameter(parts, n, first);
    for (Value x : parameter(0, n, first))
      decay.push_back(widen(x));
    for (int64_t part = 0; part < parts; ++part)
      power.push_back(arith::ConstantOp::create(
          e.builder, e.loc,
          DenseElementsAttr::get(wideType(), part == 0 ? 1.0 : 0.0)));
    auto loop = scf::ForOp::create(e.builder, e.loc, e.index(0),
                                   e.index(blockSteps), e.index(1), power);
    {
      OpBuilder::InsertionGuard guard(e.builder);
      e.builder.setInsertionPointToStart(loop.getBody());
      Number now = llvm::to_vector<2>(ValueRange(loop.getRegionIterArgs()));
      for (int64_t part = 0; part < parts; ++part)
        store(narrow(now[part]), powerPlace(n, loop.getInductionVar(), part));
      scf::YieldOp::create(e.builder, e.loc, multiply(now, decay));
    }
    for (int64_t part = 0; part < parts; ++part) {
      storeWide(loop.getResult(part), stridePlace(n, part));
      store(weight[part], factorPlace(n, part));
      storeWide(widen(weight[part]), wideFactorPlace(n, part));
    }
  }

  void advance(Value n) {
    Number factor, stride;
    for (int64_t part = 0; part < parts; ++part) {
      factor.push_back(loadWide(wideFactorPlace(n, part)));
      stride.push_back(loadWide(stridePlace(n, part)));
    }
    for (auto [part, x] : llvm::enumerate(multiply(factor, stride))) {
      storeWide(x, wideFactorPlace(n, part));
      store(narrow(x), factorPlace(n, part));
    }
  }

  /// Taps begin + r and the following.
  void sumTile(Value begin, Value r, Value first) {
    SmallVector<Value> zeros(tile, e.constant(0.0, laneCount));
    auto loop = scf::ForOp::create(e.builder, e.loc, e.index(0),
                                   e.index(states), e.index(1), zeros);
    {
      OpBuilder::InsertionGuard guard(e.builder);
      e.builder.setInsertionPointToStart(loop.getBody());
      Value n = loop.getInductionVar();
      Number factor;
      for (int64_t part = 0; part < parts; ++part)
        factor.push_back(load(factorPlace(n, part)));
      if (parts == 2)
        factor[1] = neg(factor[1]); // the real part of a product is wanted
      SmallVector<Value> sums;
      for (auto [i, sum] : llvm::enumerate(loop.getRegionIterArgs())) {
        Value next = sum;
        for (int64_t part = 0; part < parts; ++part)
          next = fma(load(powerPlace(n, e.add(r, e.index(i)), part)),
                     factor[part], next);
        sums.push_back(next);
      }
      scf::YieldOp::create(e.builder, e.loc, sums);
    }
    for (auto [i, sum] : llvm::enumerate(loop.getResults())) {
      Value l = e.add(begin, e.add(r, e.index(i)));
      Value isInside = arith::CmpIOp::create(
          e.builder, e.loc, arith::CmpIPredicate::ult, l, e.length);
      auto branch = scf::IfOp::create(e.builder, e.loc, isInside, false);
      OpBuilder::InsertionGuard guard(e.builder);
      e.builder.setInsertionPointToStart(branch.thenBlock());
      lanes.onChannels(first, [&, sum = sum](int64_t count) {
        DenseMap<Value, Value> known = {
            {op.getResult(), lanes.narrow(sum, count)}};
        e.storeResults({{e.index(0), l, first}, 2, count}, known);
      });
    }
  }

  ssm::KernelOp op;
  KernelEmitter &e;
  ChannelLanes lanes;
  int64_t states, parts;
};

struct KernelModel
    : CpuKernelInterface::ExternalModel<KernelModel, ssm::KernelOp> {
  static bool isPowerSum(ssm::KernelOp op) {
    return op.getMethod() == ssm::KernelMethod::vandermonde && op.getLike();
  }
  plan::GridAttr getKernelGrid(Operation *op) const {
    return ChannelLanes::getGrid(op->getContext(),
                                 cast<ssm::KernelOp>(op).getSystems());
  }
  int64_t getScratchBytes(Operation *op) const {
    auto kernel = cast<ssm::KernelOp>(op);
    return isPowerSum(kernel) ? PowerSums::getScratchBytes(kernel) : 0;
  }
  int64_t getFlopsPerRow(Operation *op) const {
    auto kernel = cast<ssm::KernelOp>(op);
    if (!isPowerSum(kernel))
      return 0;
    return 2 * kernel.getSystems() * PowerSums::statesOf(kernel) *
           PowerSums::partsOf(kernel);
  }
  SmallVector<plan::LayoutAttr> getOperandLayouts(Operation *op,
                                                  OpOperand &operand) const {
    auto kernel = cast<ssm::KernelOp>(op);
    // Systems are neighbours.
    if (isPowerSum(kernel) && operand.get() != kernel.getLike())
      return {plan::LayoutAttr::withLast(op->getContext(), 2, 0)};
    return {};
  }
  LogicalResult emitKernel(Operation *op, KernelEmitter &e) const {
    auto kernel = cast<ssm::KernelOp>(op);
    if (!isPowerSum(kernel)) {
      // A `like` that is still here is no recurrence.
      bool isDplr = kernel.getMethod() == ssm::KernelMethod::dplr;
      StringRef form = kernel.getNodes()            ? " with 'nodes'"
                       : kernel.getLike() && isDplr ? " of rank above 1"
                                                    : "";
      return kernel.emitOpError("expected a kernel of method ")
             << ssm::stringifyKernelMethod(kernel.getMethod()) << form
             << " to be of a fixed length and computed from weights alone";
    }
    PowerSums(kernel, e).emit();
    return success();
  }
};

} // namespace

void ssmc::registerCpuSystemKernelModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, ssm::SsmDialect *) {
    ssm::KernelOp::attachInterface<KernelModel>(*context);
  });
}
