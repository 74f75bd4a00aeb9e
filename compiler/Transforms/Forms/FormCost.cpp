//===- FormCost.cpp - what a form of a recurrence costs -------------------===//
//
// Both forms are counted from their IR. The step body runs in lanes along the
// innermost parallel axis and holds what state it can in registers; the chunk
// region runs on tensors in memory, products at the rate of matrix products.
//
//===----------------------------------------------------------------------===//

#include "compiler/Transforms/Forms/FormCost.h"

#include "compiler/Analysis/AffineForm.h"
#include "dialects/Ssm/SsmChunkOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace ssmc {

namespace {
/// A core with 8 lanes of f32 and two multiply-adds a cycle.
struct Machine {
  double lanes = 8;
  double multiplyAdds = 16;    // per cycle, in long products
  double shortProducts = 8;    // the same for rows of a triangle
  double pointwise = 8;        // simple operations per cycle
  double elementary = 0.8;     // exp, tanh and such per cycle
  double bytes = 32;           // to and from memory near the core, per cycle
  double registerBytes = 384;  // of states that stay in registers
  double newtonIterations = 6; // that a chunk takes until it settles
};
constexpr Machine machine;

/// Operations of a region.
struct Work {
  double multiplyAdds = 0, shortProducts = 0, pointwise = 0, elementary = 0,
         bytes = 0;

  void add(const Work &other, double times) {
    multiplyAdds += other.multiplyAdds * times;
    shortProducts += other.shortProducts * times;
    pointwise += other.pointwise * times;
    elementary += other.elementary * times;
    bytes += other.bytes * times;
  }
};
} // namespace

static double elementsOf(Type type) {
  double count = 1;
  for (int64_t extent : shapeOf(type))
    count *= extent;
  return count;
}

static double bytesOf(Operation *op) {
  double elements = 0;
  for (Type type : op->getOperandTypes())
    elements += elementsOf(type);
  for (Type type : op->getResultTypes())
    elements += elementsOf(type);
  return 4 * elements;
}

/// Multiply-adds of a contraction: one per position of all letters.
static double contractWork(ssm::ContractOp op) {
  llvm::SmallDenseMap<char, int64_t> extents;
  for (auto [group, input] : llvm::zip(op.getInputAxes(), op.getInputs()))
    for (auto [axis, letter] : llvm::enumerate(group))
      extents[letter] = shapeOf(input.getType())[axis];
  double work = 1;
  for (auto [letter, extent] : extents)
    work *= extent;
  return work;
}

static Work workOf(Block &block) {
  Work work;
  for (Operation &op : block) {
    if (op.hasTrait<OpTrait::IsTerminator>() ||
        op.hasTrait<OpTrait::ConstantLike>())
      continue;
    double elements =
        op.getNumResults() ? elementsOf(op.getResult(0).getType()) : 0;
    TypeSwitch<Operation *>(&op)
        .Case([&](ssm::ContractOp contract) {
          double products = contractWork(contract);
          // Without a sum it is pointwise.
          (products > elements ? work.multiplyAdds : work.pointwise) +=
              products;
          work.bytes += bytesOf(&op);
        })
        .Case([&](ssm::DecayedScoresOp scores) {
          double steps = scores.getQueries().getType().getDimSize(0);
          double keys = elementsOf(scores.getQueries().getType()) / steps;
          bool perKey =
              scores.getDecay() && keys > 1 &&
              scores.getDecay().getType() == scores.getQueries().getType();
          // A decay per key is multiplied in at every step of the way.
          (perKey ? work.shortProducts : work.multiplyAdds) +=
              steps * steps / 2 * keys * (perKey ? 2 : 1);
          work.pointwise += steps * steps / 2;
          work.bytes += bytesOf(&op);
        })
        .Case<ssm::CausalProductOp, ssm::TriangularSolveOp>([&](auto product) {
          double steps = shapeOf(op.getResult(0).getType())[0];
          double unknowns = elementsOf(op.getOperand(0).getType()) / steps;
          auto &count = isa<ssm::CausalProductOp>(op) ? work.multiplyAdds
                                                      : work.shortProducts;
          count += unknowns / 2 * elements /
                   (unknowns > steps ? unknowns / steps : 1);
          work.bytes += bytesOf(&op);
        })
        .Case([&](ssm::AssociativeScanOp scan) {
          // Up and down a tree: about two combinations per step.
          double steps = shapeOf(scan.getResult(0).getType())[0];
          work.add(workOf(scan.getCombine().front()), 2 * steps);
          work.bytes += 2 * bytesOf(&op);
        })
        .Case([&](ssm::FixedPointOp iteration) {
          work.add(workOf(iteration.getBody().front()),
                   machine.newtonIterations);
        })
        .Default([&](Operation *) {
          bool hard = op.getDialect()->getNamespace() ==
                          math::MathDialect::getDialectNamespace() &&
                      !isa<math::FmaOp, math::AbsFOp, math::SqrtOp>(op);
          hard |= isa<ssm::DecomposeInterface>(op);
          (hard ? work.elementary : work.pointwise) += elements;
          work.bytes += bytesOf(&op);
        });
  }
  return work;
}

/// The product of the fixed extents of parallel labels that are not in `tile`.
static double positions(ssm::RecurrenceOp op, ArrayRef<StringRef> tile) {
  double count = 1;
  for (auto [label, extent] : op.getExtents())
    if (op.isParallelLabel(label) && !ShapedType::isDynamic(extent) &&
        !llvm::is_contained(tile, label))
      count *= extent;
  return count;
}

double stepCost(ssm::RecurrenceOp op) {
  Work work = workOf(op.getBody().front());
  double states = 0; // bytes of one position
  for (unsigned i = 0; i < op.getFinal().size(); ++i)
    states +=
        4 * elementsOf(
                op.getBody().getArgument(op.getInputs().size() + i).getType());
  double count = positions(op, {});
  // Lanes that no position fills do nothing.
  double filled = std::min(count, machine.lanes) / machine.lanes;
  double cycles = (work.multiplyAdds / machine.multiplyAdds +
                   work.pointwise / machine.pointwise +
                   work.elementary / machine.elementary) /
                  filled;
  double traffic = 0;
  if (states * machine.lanes > machine.registerBytes)
    traffic = 2 * states / machine.bytes;
  return count * std::max(cycles, traffic);
}

double chunkCost(ssm::RecurrenceOp op) {
  Work work = workOf(op.getChunk().front());
  double cycles = work.multiplyAdds / machine.multiplyAdds +
                  work.shortProducts / machine.shortProducts +
                  work.pointwise / machine.pointwise +
                  work.elementary / machine.elementary;
  cycles = std::max(cycles, work.bytes / machine.bytes);
  return positions(op, op.getTileLabels()) * cycles / *op.getChunkSize();
}

} // namespace ssmc
