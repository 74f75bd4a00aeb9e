//===- RecurrenceCost.cpp - what a form of a recurrence costs -------------===//
//
// Steps on lanes are counted from the plan that code is emitted by: what is
// hoisted, what stays in registers, how wide lanes are. What runs on tensors in
// memory is counted op by op. `form-costs.py` compares both with what they
// take; the constants are fitted to it.
//
//===----------------------------------------------------------------------===//

#include "compiler/Conversion/CpuKernels/RecurrenceCost.h"
#include "compiler/Conversion/CpuKernels/RecurrencePlan.h"
#include "compiler/Conversion/CpuKernels/TensorRecurrence.h"

#include "dialects/Ssm/SsmChunkOps.h"
#include "dialects/Ssm/SsmScan.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace ssmc;

/// The level that the choice is made for.
static constexpr StringLiteral costLevel = "x86-64-v3";
/// Floats in one of its registers.
static constexpr int64_t registerFloats = 8;

/// Calls `fn` for the upstream ops that compute one element of `op`.
static void forElement(Operation *op, function_ref<void(Operation *)> fn) {
  auto decompose = dyn_cast<ssm::DecomposeInterface>(op);
  if (!decompose)
    return fn(op);
  Block block;
  SmallVector<Value> operands;
  for (Type type : op->getOperandTypes())
    operands.push_back(
        block.addArgument(getElementTypeOrSelf(type), op->getLoc()));
  OpBuilder builder(op->getContext());
  builder.setInsertionPointToEnd(&block);
  decompose.decompose(builder, operands);
  for (Operation &inner : block)
    forElement(&inner, fn);
}

static bool isElementary(Operation *op) {
  return op->getDialect()->getNamespace() ==
             math::MathDialect::getDialectNamespace() &&
         !isa<math::FmaOp, math::AbsFOp, math::SqrtOp>(op);
}

double ssmc::elementaryOf(Operation *op) {
  double count = 0;
  forElement(op, [&](Operation *inner) { count += isElementary(inner); });
  return count;
}

/// Instructions that computing one register of a pointwise op takes.
static double instructionsOf(Operation *op) {
  double count = 0;
  forElement(op, [&](Operation *inner) {
    if (isa<math::ExpOp, math::Exp2Op>(inner))
      count += 18;
    else if (isElementary(inner))
      count += 30;
    else if (isa<math::SqrtOp, arith::DivFOp>(inner))
      count += 10; // as long as that many
    else if (!inner->hasTrait<OpTrait::ConstantLike>())
      count += 1;
  });
  return count;
}

//===----------------------------------------------------------------------===//
// Steps on lanes
//===----------------------------------------------------------------------===//

namespace {
/// Counts the instructions of a step per register of lanes.
class StepCounter {
public:
  explicit StepCounter(const RecurrencePlan &plan)
      : plan(plan), body(plan.body) {}

  /// Cycles per time step of one batch row.
  double count();

private:
  struct Group { // lanes that are computed together
    int64_t registers, count;
  };
  void countHoisted();
  void countNest(const Nest &nest);
  void visit(Value value, double positions, Phase phase, bool isRoot);
  void visitOperands(Operation *maker, double positions, Phase phase);
  /// Cycles from a state to its next value, and those of sums among them.
  struct Latency {
    double all = 0, sums = 0;
  };
  Latency findLatency();

  const RecurrencePlan &plan;
  const RecurrenceBody &body;
  // Per register of lanes.
  double arithmetic = 0, loads = 0, stores = 0;
  // Per group of lanes: what lanes share is loaded once.
  double sharedLoads = 0;
  // Per item.
  double hoisted = 0;
  llvm::SmallPtrSet<Value, 16> seen;
};
} // namespace

double StepCounter::count() {
  countHoisted();
  for (Phase phase : {Phase::before, Phase::tiles, Phase::after}) {
    seen.clear();
    for (const Nest &nest : body.getNests())
      if (nest.phase == phase)
        countNest(nest);
    if (phase != Phase::before)
      continue;
    for (Value value : body.getCarried()) {
      visit(value, product(extentsOf(value)), phase, false);
      stores += product(extentsOf(value));
    }
  }
  // Lanes of a block: groups of the plan's width, then narrower ones.
  const ParallelAxes &axes = body.axes;
  SmallVector<Group> groups;
  int64_t left = axes.block, width = plan.lanes;
  for (; width >= 16; width /= 2) {
    if (left >= width)
      groups.push_back({width / registerFloats, left / width});
    left %= width;
  }
  if (left)
    groups.push_back({(left + registerFloats - 1) / registerFloats, 1});

  constexpr double overhead = 4; // of a time step of a loop
  double loops = 1;
  if (int64_t extent = body.getTiledExtent())
    loops += static_cast<double>(extent) / static_cast<double>(plan.tile);
  Latency latency = findLatency();
  double cycles = hoisted;
  for (const Group &group : groups) {
    double n = group.registers;
    double shared = sharedLoads;
    double one = std::max(arithmetic * n / 2, (loads * n + shared) / 2);
    one = std::max(one, stores * n);
    one = std::max(one, ((arithmetic + loads + stores) * n + shared) / 4);
    // A loop of a sum ends before what needs it begins.
    cycles += group.count *
              std::max(one + overhead * loops + latency.sums, latency.all);
  }
  int64_t items = axes.items();
  return items * cycles;
}

/// What lanes share is computed along time or along an axis, a register at
/// once.
void StepCounter::countHoisted() {
  for (Value value : body.getHoisted()) {
    if (body.usesLanes(value) || !body.usesTime(value))
      continue;
    double positions = product(extentsOf(value)),
           registers = positions / registerFloats;
    double instructions = 2;
    if (Operation *maker = value.getDefiningOp()) {
      instructions += instructionsOf(maker);
      if (auto contract = dyn_cast<ssm::ContractOp>(maker)) {
        instructions = 1;
        for (auto [letter, extent] : getLetters(contract))
          instructions *= extent;
        instructions /= positions;
      }
    }
    // Lanes along time are gathered one by one.
    hoisted +=
        registers * instructions / 2 + (plan.alongAxis(value) ? 0 : positions);
  }
}

void StepCounter::countNest(const Nest &nest) {
  double positions = product(nest.extents);
  for (const NestRoot &root : nest.roots) {
    switch (root.kind) {
    case NestRoot::sum: {
      arithmetic += positions;
      auto contract = root.value.getDefiningOp<ssm::ContractOp>();
      visitOperands(contract, positions, nest.phase);
      double results = product(extentsOf(root.value));
      bool isAlone = nest.roots.size() == 1;
      if (nest.phase == Phase::tiles || !extentsOf(root.value).empty()) {
        // A tile's sums are in memory between tiles.
        double visits = nest.phase == Phase::tiles
                            ? positions / static_cast<double>(plan.tile)
                        : isAlone ? results
                                  : positions;
        loads += isAlone && nest.phase != Phase::tiles ? 0 : visits;
        stores += visits;
      }
      break;
    }
    case NestRoot::elements: {
      Operation *maker = root.value.getDefiningOp();
      visitOperands(maker, 1, nest.phase);
      stores += product(extentsOf(root.value));
      break;
    }
    case NestRoot::state:
      visit(root.value, positions, nest.phase, true);
      if (nest.phase != Phase::tiles && !plan.inRegisters(root.number))
        stores += positions;
      break;
    case NestRoot::result:
      for (Value value : body.getOperands(root))
        visit(value, positions, nest.phase, true);
      stores += positions;
      break;
    }
  }
}

void StepCounter::visitOperands(Operation *maker, double positions,
                                Phase phase) {
  for (Value operand : maker->getOperands())
    visit(operand, positions, phase, false);
}

void StepCounter::visit(Value value, double positions, Phase phase,
                        bool isRoot) {
  if (isInlineConstant(value) || !seen.insert(value).second)
    return;
  if (extentsOf(value).empty())
    positions = 1;
  if (std::optional<unsigned> number = body.getStateNumber(value)) {
    if (body.getStatePhase(*number) != Phase::tiles &&
        !plan.inRegisters(*number))
      loads += positions;
    return;
  }
  bool inMemory = plan.slots.contains(value) && !isRoot;
  bool isCarried = llvm::is_contained(body.getCarried(), value);
  if (isCarried && phase == Phase::before)
    inMemory = false;
  Operation *maker = value.getDefiningOp();
  if (body.isHoisted(value) || !maker || inMemory) {
    // What time does not change and is small is in registers.
    if (!body.usesTime(value) && product(extentsOf(value)) <= unrollLimit)
      return;
    (body.usesLanes(value) ? loads : sharedLoads) += positions;
    return;
  }
  if (isSum(value))
    return; // a scalar sum, in a register
  bool isFree = isa<tensor::TensorDialect>(maker->getDialect());
  if (!isFree && !body.isFusedProduct(value))
    arithmetic += positions * instructionsOf(maker);
  visitOperands(maker, positions, phase);
}

/// No time step is done faster than this, however many there are.
StepCounter::Latency StepCounter::findLatency() {
  constexpr double perInstruction = 4, throughMemory = 8;
  ssm::RecurrenceOp op = body.op;
  auto later = [](const Latency &a, const Latency &b) { return a.all < b.all; };
  DenseMap<Value, Latency> reached; // only what depends on states
  for (unsigned i = 0; i < op.getFinal().size(); ++i) {
    bool inRegisters =
        body.getStatePhase(i) == Phase::tiles || plan.inRegisters(i);
    reached[body.getStateArgument(i)] = {inRegisters ? 0 : throughMemory, 0};
  }
  for (Operation &inner : op.getBody().front().without_terminator()) {
    std::optional<Latency> latest;
    for (Value operand : inner.getOperands())
      if (auto it = reached.find(operand); it != reached.end())
        latest = latest ? std::max(*latest, it->second, later) : it->second;
    if (!latest)
      continue;
    // Of the instructions of a function about half wait for each other.
    double own = perInstruction * std::max(1.0, instructionsOf(&inner) / 2);
    auto contract = dyn_cast<ssm::ContractOp>(inner);
    if (contract && hasSum(contract)) {
      double terms = 1;
      for (auto [letter, extent] : getLetters(contract))
        terms *= extent;
      own = perInstruction * terms / product(extentsOf(contract.getResult())) /
            body.chainsOf(contract.getResult());
      latest->sums += own;
    }
    for (Value result : inner.getResults()) {
      reached[result] = *latest;
      reached[result].all += body.isFusedProduct(result) ? 0 : own;
    }
  }
  Latency longest;
  Operation *yield = op.getBody().front().getTerminator();
  for (unsigned i = 0; i < op.getFinal().size(); ++i)
    longest = std::max(
        longest, reached.lookup(yield->getOperand(op.getOutputs().size() + i)),
        later);
  return longest;
}

//===----------------------------------------------------------------------===//
// Tensors in memory
//===----------------------------------------------------------------------===//

namespace {
/// Operations of a region.
struct Work {
  double multiplyAdds = 0;  // in sums
  double shortProducts = 0; // the same for rows of a triangle
  double pointwise = 0;     // elements of other ops
  double instructions = 0;  // that computing those elements takes
  double elementary = 0;
  double combinations = 0; // of associative scans
  double combining = 0;    // instructions on elements in them
  double bytes = 0;

  void add(const Work &other, double times) {
    multiplyAdds += other.multiplyAdds * times;
    shortProducts += other.shortProducts * times;
    pointwise += other.pointwise * times;
    instructions += other.instructions * times;
    elementary += other.elementary * times;
    combinations += other.combinations * times;
    combining += other.combining * times;
    bytes += other.bytes * times;
  }
  void addPointwise(double elements) {
    pointwise += elements;
    instructions += elements;
  }
  double cycles() const {
    return multiplyAdds / 9.5 + shortProducts / 2 + instructions / 16 +
           combinations * 10 + combining / 10 + bytes / 64;
  }
};
} // namespace

static double elementsOf(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? static_cast<double>(tensor.getNumElements()) : 1;
}

static double bytesOf(Operation *op) {
  double elements = 0;
  for (Type type : op->getOperandTypes())
    elements += elementsOf(type);
  for (Type type : op->getResultTypes())
    elements += elementsOf(type);
  return 4 * elements;
}

static Work workOf(Operation &op);

static Work workOf(Block &block) {
  Work work;
  for (Operation &op : block)
    work.add(workOf(op), 1);
  return work;
}

static Work workOf(Operation &op) {
  constexpr double newtonIterations = 6; // that a chunk takes until it settles
  Work work;
  if (op.hasTrait<OpTrait::IsTerminator>() ||
      op.hasTrait<OpTrait::ConstantLike>())
    return work;
  double elements =
      op.getNumResults() ? elementsOf(op.getResult(0).getType()) : 0;
  TypeSwitch<Operation *>(&op)
      .Case([&](ssm::ContractOp contract) {
        double products = 1;
        for (auto [letter, extent] : getLetters(contract))
          products *= extent;
        if (hasSum(contract))
          work.multiplyAdds += products;
        else
          work.addPointwise(products);
        work.bytes += bytesOf(&op);
      })
      .Case([&](ssm::DecayedScoresOp scores) {
        double steps = scores.getQueries().getType().getDimSize(0);
        double keys = elementsOf(scores.getQueries().getType()) / steps;
        bool perKey =
            scores.getDecay() && keys > 1 &&
            scores.getDecay().getType() == scores.getQueries().getType();
        double products = steps * steps / 2 * keys;
        (perKey ? work.shortProducts : work.multiplyAdds) += products;
        // A decay per key is multiplied in at every step of the way.
        work.addPointwise(perKey ? products : steps * steps / 2);
        work.bytes += bytesOf(&op);
      })
      .Case<ssm::CausalProductOp, ssm::TriangularSolveOp>([&](auto product) {
        double steps = extentsOf(op.getResult(0)).front();
        double unknowns = elementsOf(op.getOperand(0).getType()) / steps;
        auto &count = isa<ssm::CausalProductOp>(op) ? work.multiplyAdds
                                                    : work.shortProducts;
        count +=
            unknowns / 2 * elements / (unknowns > steps ? unknowns / steps : 1);
        work.bytes += bytesOf(&op);
      })
      .Case([&](ssm::SolveOp solve) {
        // Every row is eliminated from every other.
        double rows = solve.getMatrix().getType().getShape().back();
        work.shortProducts +=
            rows * (elementsOf(solve.getMatrix().getType()) + elements);
        work.bytes += bytesOf(&op);
      })
      .Case([&](ssm::AssociativeScanOp scan) {
        // One step after the other, on values that are near and small.
        double steps = extentsOf(scan.getResult(0)).front();
        auto needed = scan.findNeededInOrder();
        Work combine;
        for (Operation &inner : scan.getCombine().front())
          if (needed.ops.contains(&inner))
            combine.add(workOf(inner), 1);
        work.combinations += steps;
        work.combining += steps * combine.instructions;
        work.pointwise += steps * combine.pointwise;
        work.shortProducts +=
            steps * (combine.multiplyAdds + combine.shortProducts);
        work.elementary += steps * combine.elementary;
        for (Value element : scan.getElements())
          work.bytes += 4 * elementsOf(element.getType());
        for (unsigned i : needed.results.set_bits())
          work.bytes += 8 * elementsOf(scan.getResult(i).getType());
      })
      .Case([&](ssm::FixedPointOp iteration) {
        work.add(workOf(iteration.getBody().front()), newtonIterations);
      })
      .Default([&](Operation *) {
        work.pointwise += elements;
        work.instructions += elements * instructionsOf(&op);
        work.elementary += elements * elementaryOf(&op);
        work.bytes += bytesOf(&op);
      });
  return work;
}

double ssmc::tensorCycles(Operation &op) { return workOf(op).cycles(); }

/// The product of the fixed extents of parallel labels that are not in `tile`.
static double positions(ssm::RecurrenceOp op, ArrayRef<StringRef> tile) {
  double count = 1;
  for (auto [label, extent] : op.getExtents())
    if (op.isParallelLabel(label) && !ShapedType::isDynamic(extent) &&
        !llvm::is_contained(tile, label))
      count *= extent;
  return count;
}

//===----------------------------------------------------------------------===//
// The interface
//===----------------------------------------------------------------------===//

/// A function of the step body alone, as a kernel would be.
static func::FuncOp isolateStep(ssm::RecurrenceOp op) {
  OpBuilder builder(op.getContext());
  auto kernel = func::FuncOp::create(
      op.getLoc(), "step",
      builder.getFunctionType(op->getOperandTypes(), op->getResultTypes()));
  Block *entry = kernel.addEntryBlock();
  IRMapping mapping;
  mapping.map(op->getOperands(), entry->getArguments());
  builder.setInsertionPointToStart(entry);
  auto alone = cast<ssm::RecurrenceOp>(builder.clone(*op, mapping));
  func::ReturnOp::create(builder, op.getLoc(), alone->getResults());
  ssm::CombineOp::inlineAll(kernel);
  return kernel;
}

double ssmc::stepCycles(ssm::RecurrenceOp op) {
  OwningOpRef<func::FuncOp> kernel(isolateStep(op));
  auto alone = *kernel->getOps<ssm::RecurrenceOp>().begin();
  if (runsOnTensors(alone)) {
    // One step is short: entering the loop of each op counts as well.
    constexpr double perLoop = 10;
    Block &body = alone.getBody().front();
    double loops = llvm::count_if(body.without_terminator(), [](auto &inner) {
      return !inner.template hasTrait<OpTrait::ConstantLike>();
    });
    return positions(alone, {}) * (workOf(body).cycles() + perLoop * loops);
  }
  RecurrencePlan plan(alone, costLevel);
  return StepCounter(plan).count();
}

double ssmc::chunkCycles(ssm::RecurrenceOp op) {
  return positions(op, op.getTileLabels()) *
         workOf(op.getChunk().front()).cycles() /
         static_cast<double>(*op.getChunkSize());
}

/// What lanes share is computed once for an item.
static Operations operationsOnLanes(ssm::RecurrenceOp op) {
  RecurrenceBody body(op);
  Operations perLane, perItem;
  for (Operation &inner : op.getBody().front().without_terminator()) {
    if (inner.getNumResults() == 0 || inner.getNumOperands() == 0)
      continue;
    Operations &count = body.usesLanes(inner.getResult(0)) ? perLane : perItem;
    if (auto contract = dyn_cast<ssm::ContractOp>(inner)) {
      double products = 1;
      for (auto [letter, extent] : getLetters(contract))
        products *= extent;
      count.flops += (hasSum(contract) ? 2 : 1) * products;
      continue;
    }
    for (Value result : inner.getResults())
      if (getElementTypeOrSelf(result.getType()).isF32())
        count.flops += product(extentsOf(result));
    count.elementary +=
        product(extentsOf(inner.getResult(0))) * elementaryOf(&inner);
  }
  double outer = body.axes.items() / body.axes.blocks();
  double lanes = outer * body.axes.channels, items = body.axes.items();
  return {perLane.flops * lanes + perItem.flops * items,
          perLane.elementary * lanes + perItem.elementary * items};
}

Operations ssmc::operationsPerRow(ssm::RecurrenceOp op) {
  if (!runsOnTensors(op))
    return operationsOnLanes(op);
  Work work =
      workOf(op.hasChunk() ? op.getChunk().front() : op.getBody().front());
  double times = positions(op, op.getTileLabels()) /
                 static_cast<double>(op.getChunkSize().value_or(1));
  return {(2 * (work.multiplyAdds + work.shortProducts) + work.pointwise) *
              times,
          work.elementary * times};
}

double ssmc::convolutionCycles(ssm::RecurrenceOp op, unsigned inputs,
                               int64_t length) {
  constexpr double productsPerCycle = 16;
  // As many products take as long as going through the frequencies.
  constexpr double spectralTaps = 80;
  auto output = cast<RankedTensorType>(op.getOutputs().front().getType());
  double channels = 1;
  for (int64_t extent : output.getShape().drop_front(2))
    channels *= extent;
  double taps = std::min(length / 2.0, spectralTaps);
  // A kernel is one more row: steps of the same body, then a transform.
  double rows = output.isDynamicDim(0) ? 1 : output.getDimSize(0);
  double kernels = inputs * stepCycles(op) / rows;
  double convolutions = inputs * op.getOutputs().size() * (1 + 1 / rows);
  return kernels + convolutions * channels * taps / productsPerCycle;
}
