//===- RecurrenceKernel.cpp - a recurrence as a loop over time ------------===//
//
// One work item is a block of channels (the innermost parallel axis) of one
// batch row. Lanes are channels; time is a loop; the body's small tensors are
// inner loops over their axes, with one vector of lanes per element.
//
//===----------------------------------------------------------------------===//

#include "compiler/Conversion/CpuKernels/CpuKernelModels.h"
#include "compiler/Conversion/CpuKernels/RecurrenceBody.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace ssmc;

namespace {

/// Channels of one work item: whole cache lines, and enough items for threads.
constexpr int64_t channelBlock = 32;
/// Small tensors of at most this many elements live in registers and are
/// unrolled; larger ones live in memory and are loops.
constexpr int64_t unrollLimit = 8;

int64_t product(ArrayRef<int64_t> extents) {
  int64_t count = 1;
  for (int64_t extent : extents)
    count *= extent;
  return count;
}

/// What the loops around the body run over.
struct ParallelAxes {
  StringRef batch;       // the label of axis 0
  StringRef channel;     // the lanes' label; empty if there is no other axis
  int64_t channels = 1;  // extent of it
  SmallVector<std::pair<StringRef, int64_t>> outer; // those between

  explicit ParallelAxes(ssm::RecurrenceOp op) {
    llvm::MapVector<StringRef, int64_t> extents = op.getExtents();
    auto labels = op.getOutputLabels(0);
    batch = labels[0][0];
    for (const auto &axis : llvm::drop_begin(labels)) {
      for (StringRef label : axis) {
        if (!op.isParallelLabel(label))
          continue;
        if (!channel.empty())
          outer.push_back({channel, channels});
        channel = label;
        channels = extents[label];
      }
    }
  }
  int64_t blocks() const { return llvm::divideCeil(channels, channelBlock); }
  int64_t items() const {
    int64_t count = blocks();
    for (auto [label, extent] : outer)
      count *= extent;
    return count;
  }
};

/// Where a state is while time runs.
struct StatePlace {
  enum { registers, scratch, buffer } kind;
  SmallVector<int64_t> extents;
  SmallVector<Value> present, next; // registers: one vector per element
  Value memory, nextMemory;         // scratch; nextMemory null if in place
  std::optional<unsigned> result;   // number of the kernel's result, if used
};

/// An input that is the same at every time step, read once before the loop: lanes
/// lie far apart in a weight, and stores inside the loop might change it for all
/// the compiler knows.
struct InvariantInput {
  SmallVector<int64_t> extents;
  SmallVector<Value> registers; // one vector per element, if there are few
  Value memory;                 // else
};

class RecurrenceEmitter {
public:
  RecurrenceEmitter(ssm::RecurrenceOp op, KernelEmitter &e)
      : op(op), e(e), b(e.builder), axes(op), body(op) {}

  LogicalResult run();

private:
  using Indices = ArrayRef<Value>;

  void emitItem(Value item);
  void emitLanes(Value first, int64_t count);
  void emitTimeLoop();
  void emitStep();
  void emitNest(const Nest &nest);
  void emitPosition(const Nest &nest, Indices indices,
                    SmallVectorImpl<Value> &sums);

  // Values of the body at the present time and lanes.
  Value evaluate(Value value, Indices indices);
  Value compute(Value value, Indices indices);
  Value multiply(ssm::ContractOp contract,
                 function_ref<Value(char)> indexOf, Value sum);
  void evaluateScalars(Value value, unsigned stage,
                       llvm::SmallPtrSetImpl<Operation *> &seen);

  // Memory.
  Position positionOf(ArrayRef<ssm::RecurrenceOp::AxisLabels> labels,
                      Indices step);
  Value loadLanes(Value tensor, const Position &position);
  void loadInvariants();
  void storeOutputs();
  void storeStepOutput(unsigned number, Indices step, Value value);
  StatePlace placeState(unsigned number);
  Value readState(unsigned number, Indices step);
  void writeState(unsigned number, Indices step, Value value);
  void settleStates();
  Value initialState(unsigned number, Indices step);
  void finalState(unsigned number, Indices step, Value value);
  Value allocate(int64_t elements);
  Value flatten(ArrayRef<int64_t> extents, Indices indices);
  int64_t flattenConstant(ArrayRef<int64_t> extents, Indices indices);

  /// Calls `fn` for every position of the space, unrolled if it is small.
  void forSpace(ArrayRef<int64_t> extents, SmallVectorImpl<Value> &carried,
                function_ref<void(Indices, SmallVectorImpl<Value> &)> fn);

  Value zero() { return e.constant(0.0, lanes); }
  bool isStepForm() { // one time step, known now
    auto type = cast<RankedTensorType>(op.getOutputs()[0].getType());
    return type.getDimSize(1) == 1;
  }

  ssm::RecurrenceOp op;
  KernelEmitter &e;
  OpBuilder &b;
  ParallelAxes axes;
  RecurrenceBody body;

  llvm::DenseMap<StringRef, Value> position; // parallel labels and time
  int64_t lanes = 0;
  SmallVector<StatePlace> states;
  DenseMap<unsigned, InvariantInput> invariants; // by number of the input
  DenseMap<Value, Value> outputs; // of the present step, without step axes
  DenseMap<Value, Value> sumMemory; // contractions with a tensor result

  /// Values computed so far. Entries of inner scopes end with their loop body.
  struct Known {
    Value value;
    SmallVector<Value> indices;
    Value computed;
  };
  SmallVector<Known> known;
};

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

LogicalResult RecurrenceEmitter::run() {
  e.forLoop(e.begin, e.end, e.index(1), [&](Value item) { emitItem(item); });
  return success();
}

void RecurrenceEmitter::emitItem(Value item) {
  Value block = e.rem(item, e.index(axes.blocks()));
  Value rest = e.div(item, e.index(axes.blocks()));
  for (auto [label, extent] : llvm::reverse(axes.outer)) {
    position[label] = e.rem(rest, e.index(extent));
    rest = e.div(rest, e.index(extent));
  }
  position[axes.batch] = rest;
  Value first = e.mul(block, e.index(channelBlock));

  // All blocks but a last short one have the same size.
  int64_t tail = axes.channels % channelBlock;
  auto emitBlock = [&](int64_t size) {
    e.forLanes(first, size,
               [&](Value at, int64_t count) { emitLanes(at, count); });
  };
  if (tail == 0 || axes.blocks() == 1) {
    emitBlock(tail ? tail : channelBlock);
    return;
  }
  Value isLast = arith::CmpIOp::create(b, e.loc, arith::CmpIPredicate::eq,
                                       block, e.index(axes.blocks() - 1));
  auto choice = scf::IfOp::create(b, e.loc, isLast, /*withElse=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(choice.thenBlock());
  emitBlock(tail);
  b.setInsertionPointToStart(choice.elseBlock());
  emitBlock(channelBlock);
}

void RecurrenceEmitter::emitLanes(Value first, int64_t count) {
  lanes = count;
  position[axes.channel] = first;
  states.clear();
  sumMemory.clear();
  invariants.clear();
  if (!isStepForm())
    loadInvariants();
  for (unsigned i = 0; i < op.getFinal().size(); ++i)
    states.push_back(placeState(i));
  if (isStepForm()) {
    position[op.getSequence()] = e.index(0);
    emitStep();
  } else {
    emitTimeLoop();
  }
  // States of a buffer were settled there step by step.
  for (auto [i, state] : llvm::enumerate(states)) {
    if (state.kind == StatePlace::buffer)
      continue;
    SmallVector<Value> none;
    forSpace(state.extents, none, [&, i = i](Indices at, auto &) {
      finalState(i, at, readState(i, at));
    });
  }
}

void RecurrenceEmitter::emitTimeLoop() {
  SmallVector<Value> registers;
  for (StatePlace &state : states)
    llvm::append_range(registers, state.present);
  auto unpack = [&](ValueRange values) {
    for (StatePlace &state : states)
      for (Value &value : state.present) {
        value = values.front();
        values = values.drop_front();
      }
  };
  auto loop = scf::ForOp::create(b, e.loc, e.index(0), e.length, e.index(1),
                                 registers);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value time = loop.getInductionVar();
    if (op.getReverse())
      time = e.sub(e.sub(e.length, e.index(1)), time);
    position[op.getSequence()] = time;
    unpack(loop.getRegionIterArgs());
    emitStep();
    SmallVector<Value> next;
    for (StatePlace &state : states)
      llvm::append_range(next, state.present);
    if (!next.empty()) // else the loop has its terminator already
      scf::YieldOp::create(b, e.loc, next);
  }
  unpack(loop.getResults());
}

void RecurrenceEmitter::emitStep() {
  known.clear();
  outputs.clear();
  for (const Nest &nest : body.getNests())
    emitNest(nest);
  storeOutputs();
  settleStates();
}

void RecurrenceEmitter::forSpace(
    ArrayRef<int64_t> extents, SmallVectorImpl<Value> &carried,
    function_ref<void(Indices, SmallVectorImpl<Value> &)> fn) {
  SmallVector<Value> indices;
  bool unroll = product(extents) <= unrollLimit;
  std::function<void()> visit = [&]() {
    if (indices.size() == extents.size())
      return fn(indices, carried);
    int64_t extent = extents[indices.size()];
    if (unroll) {
      for (int64_t i = 0; i < extent; ++i) {
        indices.push_back(e.index(i));
        visit();
        indices.pop_back();
      }
      return;
    }
    auto loop = scf::ForOp::create(b, e.loc, e.index(0), e.index(extent),
                                   e.index(1), carried);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      indices.push_back(loop.getInductionVar());
      carried.assign(loop.getRegionIterArgs().begin(),
                     loop.getRegionIterArgs().end());
      visit();
      indices.pop_back();
      if (!carried.empty())
        scf::YieldOp::create(b, e.loc, carried);
    }
    carried.assign(loop.getResults().begin(), loop.getResults().end());
  };
  visit();
}

//===----------------------------------------------------------------------===//
// Nests
//===----------------------------------------------------------------------===//

void RecurrenceEmitter::emitNest(const Nest &nest) {
  // Scalars are the same at every position: once, before the loops.
  llvm::SmallPtrSet<Operation *, 16> seen;
  for (const NestRoot &root : nest.roots) {
    if (root.kind != NestRoot::sum)
      evaluateScalars(root.value, nest.stage, seen);
    else
      for (Value input : root.value.getDefiningOp()->getOperands())
        evaluateScalars(input, nest.stage, seen);
  }

  SmallVector<Value> sums;
  for (const NestRoot &root : nest.roots) {
    if (root.kind != NestRoot::sum)
      continue;
    auto type = dyn_cast<RankedTensorType>(root.value.getType());
    if (!type) {
      sums.push_back(zero());
      continue;
    }
    Value memory = allocate(type.getNumElements());
    sumMemory[root.value] = memory;
    SmallVector<Value> none;
    forSpace(type.getShape(), none, [&](Indices at, auto &) {
      vector::StoreOp::create(b, e.loc, zero(), memory,
                              flatten(type.getShape(), at));
    });
  }
  size_t outerKnown = known.size();
  forSpace(nest.extents, sums, [&](Indices at, SmallVectorImpl<Value> &carried) {
    emitPosition(nest, at, carried);
    // What an unrolled position computed serves the next ones too.
    if (product(nest.extents) > unrollLimit)
      known.truncate(outerKnown);
  });
  unsigned scalar = 0;
  for (const NestRoot &root : nest.roots)
    if (root.kind == NestRoot::sum && !isa<RankedTensorType>(root.value.getType()))
      known.push_back({root.value, {}, sums[scalar++]});
}

void RecurrenceEmitter::emitPosition(const Nest &nest, Indices indices,
                                     SmallVectorImpl<Value> &sums) {
  // All values first, then all writes: a state written in place is still the
  // present one for the other roots.
  SmallVector<Value> values;
  unsigned scalar = 0;
  for (const NestRoot &root : nest.roots) {
    if (root.kind != NestRoot::sum) {
      values.push_back(evaluate(root.value, indices));
      continue;
    }
    auto contract = root.value.getDefiningOp<ssm::ContractOp>();
    auto letters = getLetters(contract);
    auto indexOf = [&](char letter) {
      auto it = llvm::find_if(letters,
                              [&](auto &entry) { return entry.first == letter; });
      return indices[it - letters.begin()];
    };
    auto type = dyn_cast<RankedTensorType>(root.value.getType());
    if (!type) {
      sums[scalar] = multiply(contract, indexOf, sums[scalar]);
      values.push_back(sums[scalar++]);
      continue;
    }
    SmallVector<Value> at;
    for (char letter : contract.getResultAxes())
      at.push_back(indexOf(letter));
    Value memory = sumMemory[root.value];
    Value offset = flatten(type.getShape(), at);
    Value sum =
        vector::LoadOp::create(b, e.loc, cast<VectorType>(e.laneType(lanes)),
                               memory, offset);
    sum = multiply(contract, indexOf, sum);
    vector::StoreOp::create(b, e.loc, sum, memory, offset);
    values.push_back(sum);
  }
  for (auto [root, value] : llvm::zip(nest.roots, values)) {
    if (root.kind == NestRoot::state)
      writeState(root.number, indices, value);
    else if (root.kind == NestRoot::output && indices.empty())
      outputs[op.getOutputs()[root.number]] = value;
    else if (root.kind == NestRoot::output)
      storeStepOutput(root.number, indices, value);
  }
}

/// Evaluates the scalars that `value` needs and that this stage can compute.
void RecurrenceEmitter::evaluateScalars(
    Value value, unsigned stage, llvm::SmallPtrSetImpl<Operation *> &seen) {
  Operation *maker = value.getDefiningOp();
  if (!value.getType().isF32()) {
    if (maker && seen.insert(maker).second &&
        !(isa<ssm::ContractOp>(maker) && hasSum(cast<ssm::ContractOp>(maker))))
      for (Value operand : maker->getOperands())
        evaluateScalars(operand, stage, seen);
    return;
  }
  if (body.getStage(value) <= stage)
    evaluate(value, {});
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// Whether two lists of indices are the same, as values or as constants.
static bool sameIndices(ArrayRef<Value> a, ArrayRef<Value> b) {
  return a.size() == b.size() && llvm::all_of(llvm::zip(a, b), [](auto pair) {
           auto [x, y] = pair;
           std::optional<int64_t> constant = getConstantIntValue(x);
           return x == y || (constant && constant == getConstantIntValue(y));
         });
}

Value RecurrenceEmitter::evaluate(Value value, Indices indices) {
  for (const Known &entry : known)
    if (entry.value == value && sameIndices(entry.indices, indices))
      return entry.computed;
  Value computed = compute(value, indices);
  known.push_back({value, SmallVector<Value>(indices), computed});
  return computed;
}

Value RecurrenceEmitter::multiply(ssm::ContractOp contract,
                                  function_ref<Value(char)> indexOf,
                                  Value sum) {
  SmallVector<Value> factors;
  for (auto [group, input] :
       llvm::zip(contract.getInputAxes(), contract.getInputs())) {
    SmallVector<Value> at;
    for (char letter : group)
      at.push_back(indexOf(letter));
    factors.push_back(evaluate(input, at));
  }
  if (factors.size() == 1)
    return sum ? arith::AddFOp::create(b, e.loc, sum, factors[0]).getResult()
               : factors[0];
  if (sum)
    return math::FmaOp::create(b, e.loc, factors[0], factors[1], sum);
  return arith::MulFOp::create(b, e.loc, factors[0], factors[1]);
}

Value RecurrenceEmitter::compute(Value value, Indices indices) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    unsigned number = argument.getArgNumber();
    unsigned inputs = op.getInputs().size();
    if (number >= inputs)
      return readState(number - inputs, indices);
    if (auto it = invariants.find(number); it != invariants.end()) {
      const InvariantInput &input = it->second;
      if (!input.memory)
        return input.registers[flattenConstant(input.extents, indices)];
      return vector::LoadOp::create(
          b, e.loc, cast<VectorType>(e.laneType(lanes)), input.memory,
          flatten(input.extents, indices));
    }
    return loadLanes(op.getInputs()[number],
                     positionOf(op.getInputLabels(number), indices));
  }
  Operation *maker = value.getDefiningOp();
  if (auto contract = dyn_cast<ssm::ContractOp>(maker)) {
    if (hasSum(contract)) {
      auto type = cast<RankedTensorType>(value.getType());
      return vector::LoadOp::create(
          b, e.loc, cast<VectorType>(e.laneType(lanes)), sumMemory[value],
          flatten(type.getShape(), indices));
    }
    StringRef result = contract.getResultAxes();
    return multiply(
        contract, [&](char letter) { return indices[result.find(letter)]; },
        Value());
  }
  if (auto extract = dyn_cast<tensor::ExtractOp>(maker)) {
    SmallVector<Value> at;
    for (Value i : extract.getIndices())
      at.push_back(e.index(*getConstantIntValue(i)));
    return evaluate(extract.getTensor(), at);
  }
  if (auto elements = dyn_cast<tensor::FromElementsOp>(maker))
    return evaluate(elements.getElements()[flattenConstant(
                        elements.getType().getShape(), indices)],
                    {});
  if (auto splat = dyn_cast<tensor::SplatOp>(maker))
    return evaluate(splat.getInput(), {});
  FloatAttr scalar;
  if (matchPattern(maker, m_Constant(&scalar)))
    return e.constant(scalar.getValueAsDouble(), lanes);
  DenseFPElementsAttr dense;
  if (matchPattern(maker, m_Constant(&dense))) {
    auto values = dense.getValues<APFloat>();
    int64_t at = dense.isSplat()
                     ? 0
                     : flattenConstant(dense.getType().getShape(), indices);
    return e.constant(values[at].convertToDouble(), lanes);
  }
  // Pointwise: the same op on lanes. A scalar operand is the same everywhere.
  SmallVector<Value> operands;
  for (Value operand : maker->getOperands())
    operands.push_back(evaluate(
        operand, isa<RankedTensorType>(operand.getType()) ? indices : Indices()));
  if (auto decompose = dyn_cast<ssm::DecomposeInterface>(maker)) {
    SmallVector<Value> computed = decompose.decompose(b, operands);
    for (auto [result, lane] : llvm::zip(maker->getResults(), computed))
      known.push_back({result, SmallVector<Value>(indices), lane});
    return computed[cast<OpResult>(value).getResultNumber()];
  }
  Type element = getElementTypeOrSelf(value.getType());
  OperationState state(maker->getLoc(), maker->getName().getIdentifier(),
                       operands, TypeRange{VectorType::get(lanes, element)},
                       maker->getAttrs());
  return b.create(state)->getResult(0);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Position RecurrenceEmitter::positionOf(
    ArrayRef<ssm::RecurrenceOp::AxisLabels> labels, Indices step) {
  llvm::MapVector<StringRef, int64_t> extents = op.getExtents();
  Position result;
  for (auto [axis, parts] : llvm::enumerate(labels)) {
    if (op.isStepLabel(parts[0])) {
      result.indices.push_back(step.front());
      step = step.drop_front();
      continue;
    }
    Value at = position[parts[0]];
    if (parts.size() == 2)
      at = e.add(e.mul(at, e.index(extents[parts[1]])), position[parts[1]]);
    result.indices.push_back(at);
    if (parts.back() == axes.channel && !axes.channel.empty()) {
      result.laneAxis = axis;
      result.lanes = lanes;
    }
  }
  return result;
}

Value RecurrenceEmitter::loadLanes(Value tensor, const Position &at) {
  Value value = e.load(tensor, at);
  if (at.laneAxis)
    return value;
  return vector::BroadcastOp::create(b, e.loc, e.laneType(lanes), value);
}

void RecurrenceEmitter::loadInvariants() {
  for (unsigned number = 0; number < op.getInputs().size(); ++number) {
    auto labels = op.getInputLabels(number);
    bool varies = llvm::any_of(labels, [&](const auto &axis) {
      return llvm::is_contained(axis, op.getSequence());
    });
    if (varies)
      continue;
    InvariantInput input;
    if (auto slice = dyn_cast<RankedTensorType>(
            op.getBody().getArgument(number).getType()))
      input.extents.assign(slice.getShape().begin(), slice.getShape().end());
    if (product(input.extents) > unrollLimit)
      input.memory = allocate(product(input.extents));
    SmallVector<Value> none;
    forSpace(input.extents, none, [&](Indices at, auto &) {
      Value value = loadLanes(op.getInputs()[number], positionOf(labels, at));
      if (input.memory)
        vector::StoreOp::create(b, e.loc, value, input.memory,
                                flatten(input.extents, at));
      else
        input.registers.push_back(value);
    });
    invariants[number] = std::move(input);
  }
}

/// The outputs of `op` that computing `value` needs.
static void collectOutputs(ssm::RecurrenceOp op, Value value,
                           SmallPtrSetImpl<Value> &outputs) {
  Operation *maker = value.getDefiningOp();
  if (maker == op)
    outputs.insert(value);
  else if (maker)
    for (Value operand : maker->getOperands())
      collectOutputs(op, operand, outputs);
}

void RecurrenceEmitter::storeOutputs() {
  if (outputs.empty())
    return;
  // All outputs without step axes have the same positions.
  unsigned first = cast<OpResult>(outputs.begin()->first).getResultNumber();
  Position at = positionOf(op.getOutputLabels(first), {});
  DenseMap<Value, Value> values = outputs;
  if (!at.laneAxis)
    for (auto &[output, value] : values)
      value = vector::ExtractOp::create(b, e.loc, value, 0);
  for (auto [i, result] : llvm::enumerate(e.getResults())) {
    SmallPtrSet<Value, 4> needed;
    collectOutputs(op, result, needed);
    if (!needed.empty() && llvm::all_of(needed, [&](Value output) {
          return values.contains(output);
        }))
      e.store(i, at, e.load(result, at, &values));
  }
}

void RecurrenceEmitter::storeStepOutput(unsigned number, Indices step,
                                        Value value) {
  Value output = op.getOutputs()[number];
  Position at = positionOf(op.getOutputLabels(number), step);
  if (!at.laneAxis)
    value = vector::ExtractOp::create(b, e.loc, value, 0);
  for (auto [i, result] : llvm::enumerate(e.getResults())) {
    SmallPtrSet<Value, 4> needed;
    collectOutputs(op, result, needed);
    if (needed.size() != 1 || !needed.contains(output))
      continue;
    DenseMap<Value, Value> values = {{output, value}};
    e.store(i, at, e.load(result, at, &values));
  }
}

StatePlace RecurrenceEmitter::placeState(unsigned number) {
  StatePlace state;
  auto slice =
      dyn_cast<RankedTensorType>(op.getBody()
                                     .getArgument(op.getInputs().size() + number)
                                     .getType());
  if (slice)
    state.extents.assign(slice.getShape().begin(), slice.getShape().end());
  for (auto [i, result] : llvm::enumerate(e.getResults()))
    if (result == op.getFinal()[number])
      state.result = i;
  int64_t elements = product(state.extents);
  bool inPlace = body.canUpdateInPlace(number);
  if (elements <= unrollLimit)
    state.kind = StatePlace::registers;
  else
    // A single step reads and writes each element once: no copy pays.
    state.kind = isStepForm() ? StatePlace::buffer : StatePlace::scratch;
  if (state.kind != StatePlace::registers && !inPlace)
    state.nextMemory = allocate(elements);
  if (state.kind == StatePlace::buffer)
    return state;

  if (state.kind == StatePlace::scratch)
    state.memory = allocate(elements);
  SmallVector<Value> none;
  states.push_back(state); // `initialState` and `flatten` look it up
  forSpace(state.extents, none, [&](Indices at, auto &) {
    Value initial = initialState(number, at);
    if (state.kind == StatePlace::registers)
      state.present.push_back(initial);
    else
      vector::StoreOp::create(b, e.loc, initial, state.memory,
                              flatten(state.extents, at));
  });
  states.pop_back();
  return state;
}

Value RecurrenceEmitter::initialState(unsigned number, Indices step) {
  if (op.getInit().empty())
    return zero();
  return loadLanes(op.getInit()[number],
                   positionOf(op.getStateLabels(number), step));
}

void RecurrenceEmitter::finalState(unsigned number, Indices step, Value value) {
  if (!states[number].result)
    return;
  Position at = positionOf(op.getStateLabels(number), step);
  if (!at.laneAxis)
    value = vector::ExtractOp::create(b, e.loc, value, 0);
  e.store(*states[number].result, at, value);
}

Value RecurrenceEmitter::readState(unsigned number, Indices step) {
  StatePlace &state = states[number];
  switch (state.kind) {
  case StatePlace::registers:
    return state.present[flattenConstant(state.extents, step)];
  case StatePlace::scratch:
    return vector::LoadOp::create(b, e.loc, cast<VectorType>(e.laneType(lanes)),
                                  state.memory, flatten(state.extents, step));
  case StatePlace::buffer:
    return initialState(number, step);
  }
  llvm_unreachable("every place is handled");
}

void RecurrenceEmitter::writeState(unsigned number, Indices step, Value value) {
  StatePlace &state = states[number];
  if (state.kind == StatePlace::registers) {
    state.next.resize(state.present.size());
    state.next[flattenConstant(state.extents, step)] = value;
  } else if (state.nextMemory || state.kind == StatePlace::scratch) {
    vector::StoreOp::create(b, e.loc, value,
                            state.nextMemory ? state.nextMemory : state.memory,
                            flatten(state.extents, step));
  } else {
    finalState(number, step, value);
  }
}

/// Makes the next states the present ones.
void RecurrenceEmitter::settleStates() {
  for (auto [number, state] : llvm::enumerate(states)) {
    if (state.kind == StatePlace::registers) {
      state.present = state.next;
      continue;
    }
    if (!state.nextMemory)
      continue;
    SmallVector<Value> none;
    forSpace(state.extents, none, [&, number = number](Indices at, auto &) {
      StatePlace &place = states[number];
      Value offset = flatten(place.extents, at);
      Value value =
          vector::LoadOp::create(b, e.loc, cast<VectorType>(e.laneType(lanes)),
                                 place.nextMemory, offset);
      if (place.kind == StatePlace::buffer)
        finalState(number, at, value);
      else
        vector::StoreOp::create(b, e.loc, value, place.memory, offset);
    });
  }
}

/// Stack memory for `elements` vectors, made once at the function's start.
Value RecurrenceEmitter::allocate(int64_t elements) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&e.getFunction().getBody().front());
  auto type = MemRefType::get({elements * lanes}, b.getF32Type());
  return memref::AllocaOp::create(b, e.loc, type, b.getI64IntegerAttr(64));
}

Value RecurrenceEmitter::flatten(ArrayRef<int64_t> extents, Indices indices) {
  Value offset = e.index(0);
  for (auto [extent, at] : llvm::zip(extents, indices))
    offset = e.add(e.mul(offset, e.index(extent)), at);
  return e.mul(offset, e.index(lanes));
}

int64_t RecurrenceEmitter::flattenConstant(ArrayRef<int64_t> extents,
                                           Indices indices) {
  int64_t offset = 0;
  for (auto [extent, at] : llvm::zip(extents, indices))
    offset = offset * extent + *getConstantIntValue(at);
  return offset;
}

//===----------------------------------------------------------------------===//
// The interface
//===----------------------------------------------------------------------===//

struct RecurrenceModel
    : CpuKernelInterface::ExternalModel<RecurrenceModel, ssm::RecurrenceOp> {
  plan::GridAttr getKernelGrid(Operation *op) const {
    ParallelAxes axes(cast<ssm::RecurrenceOp>(op));
    return plan::GridAttr::get(op->getContext(), axes.items(), true, 0);
  }
  int64_t getFlopsPerRow(Operation *op) const {
    auto recurrence = cast<ssm::RecurrenceOp>(op);
    int64_t perPosition = 0;
    for (Operation &inner : recurrence.getBody().front().without_terminator()) {
      SmallVector<int64_t> extents;
      if (auto contract = dyn_cast<ssm::ContractOp>(inner)) {
        for (auto [letter, extent] : getLetters(contract))
          extents.push_back(extent);
        perPosition += (hasSum(contract) ? 2 : 1) * product(extents);
        continue;
      }
      for (Type type : inner.getResultTypes())
        if (auto tensor = dyn_cast<RankedTensorType>(type))
          perPosition += tensor.getNumElements();
        else
          perPosition += type.isF32();
    }
    ParallelAxes axes(recurrence);
    for (auto [label, extent] : axes.outer)
      perPosition *= extent;
    return perPosition * axes.channels;
  }
  SmallVector<plan::LayoutAttr> getOperandLayouts(Operation *op,
                                                  OpOperand &operand) const {
    auto recurrence = cast<ssm::RecurrenceOp>(op);
    unsigned number = operand.getOperandNumber();
    unsigned inputs = recurrence.getInputs().size();
    if (number >= inputs)
      return {stateLayout(recurrence, number - inputs)};
    return {lanesLast(recurrence, recurrence.getInputLabels(number), 0)};
  }
  plan::LayoutAttr getStateLayout(Operation *op, OpResult result) const {
    auto recurrence = cast<ssm::RecurrenceOp>(op);
    unsigned outputs = recurrence.getOutputs().size();
    if (result.getResultNumber() < outputs)
      return {};
    return stateLayout(recurrence, result.getResultNumber() - outputs);
  }
  LogicalResult emitKernel(Operation *op, KernelEmitter &e) const {
    return RecurrenceEmitter(cast<ssm::RecurrenceOp>(op), e).run();
  }

private:
  /// Logical order but for the lanes' axis, which goes last so that lanes are
  /// neighbours. The first `skip` axes are left out.
  static plan::LayoutAttr
  lanesLast(ssm::RecurrenceOp op,
            ArrayRef<ssm::RecurrenceOp::AxisLabels> labels, int64_t skip) {
    ParallelAxes axes(op);
    int64_t rank = labels.size() - skip;
    for (auto [axis, parts] : llvm::enumerate(labels))
      if (!axes.channel.empty() && parts.back() == axes.channel)
        return plan::LayoutAttr::withLast(op.getContext(), rank,
                                          static_cast<int64_t>(axis) - skip);
    return plan::LayoutAttr::rowMajor(op.getContext(), rank);
  }
  static plan::LayoutAttr stateLayout(ssm::RecurrenceOp op, unsigned number) {
    return lanesLast(op, op.getStateLabels(number), 1);
  }
};

} // namespace

void ssmc::registerCpuRecurrenceModel(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, ssm::SsmDialect *) {
    ssm::RecurrenceOp::attachInterface<RecurrenceModel>(*context);
  });
}
