//===- FormDispatches.cpp - group ops into kernels ------------------------===//
//
// Cuts each entry into groups of ops that run as one kernel: an anchor with the
// pointwise ops around it, or pointwise ops alone. Identical kernels, such as
// those of repeated layers, are kept once.
//
//===----------------------------------------------------------------------===//

#include "compiler/Transforms/Passes.h"

#include "dialects/Plan/PlanDialect.h"
#include "dialects/Ssm/SsmDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace ssmc {
#define GEN_PASS_DEF_FORMDISPATCHES
#include "compiler/Transforms/Passes.h.inc"

namespace {

//===----------------------------------------------------------------------===//
// Classes of ops
//===----------------------------------------------------------------------===//

bool isWeight(Operation *op) {
  return isa_and_nonnull<ssm::WeightOp, ssm::ParameterOp>(op);
}
bool isConstant(Operation *op) {
  return op && op->hasTrait<OpTrait::ConstantLike>();
}
bool isView(Operation *op) { return op && op->hasTrait<ssm::View>(); }
bool isAnchor(Operation *op) { return op && op->hasTrait<ssm::Anchor>(); }
bool isPointwise(Operation *op) {
  return op && (op->hasTrait<ssm::Pointwise>() ||
                op->hasTrait<OpTrait::Elementwise>());
}

/// Whether an op compares elements: truth values are no elements of buffers, so
/// each kernel that reads them makes its own.
bool isComparison(Operation *op) {
  return isPointwise(op) &&
         getElementTypeOrSelf(op->getResult(0).getType()).isInteger(1);
}
/// Ops that are part of every kernel that reads their results.
bool isShared(Operation *op) {
  return isConstant(op) || isView(op) || isComparison(op);
}

/// Whether ops other than those that `inside` holds of read `value`, themselves
/// or by a comparison.
bool isReadOutside(Value value, function_ref<bool(Operation *)> inside) {
  return llvm::any_of(value.getUsers(), [&](Operation *user) {
    return isComparison(user) ? isReadOutside(user->getResult(0), inside)
                              : !inside(user);
  });
}

/// Checks the rank of what a kernel writes that works row by row, a row being
/// the channels of one time step of one sequence.
LogicalResult verifyRows(Operation *op, Value written, unsigned leastRank) {
  auto type = cast<RankedTensorType>(written.getType());
  if (type.getRank() >= leastRank)
    return success();
  return op->emitOpError("expected a result of shape [batch, length, ")
         << (leastRank > 2 ? "..., channels]" : "...]")
         << " outside of recurrences, got " << type;
}

/// The value whose memory `value` names: itself, or what it is a view of.
Value baseOf(Value value) {
  while (isView(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  return value;
}

/// Whether a time step of `value` may lie in several pieces: part of one axis
/// among others.
bool isScattered(Value value) {
  for (; isView(value.getDefiningOp());
       value = value.getDefiningOp()->getOperand(0))
    if (auto split = value.getDefiningOp<ssm::SplitOp>();
        split && split.getInput().getType().getRank() > 3)
      return true;
  return false;
}

//===----------------------------------------------------------------------===//
// Grouping
//===----------------------------------------------------------------------===//

struct Group {
  SmallVector<Operation *> ops; // in block order
  Operation *anchor = nullptr;
};

/// Groups run in the order of their numbers, so a group may read what groups of
/// lower number write.
class Grouping {
public:
  explicit Grouping(Block &block) : block(block) {}

  /// Fails with a diagnostic at an op that no group can hold.
  LogicalResult run() {
    for (Operation &op : block.without_terminator()) {
      if (isWeight(&op) || isShared(&op))
        continue;
      if (isAnchor(&op))
        start(&op).anchor = &op;
      else if (isPointwise(&op))
        place(&op);
      else
        return op.emitOpError("cannot be scheduled: it is neither an anchor, "
                              "nor a view, nor pointwise");
    }
    sinkPrologues();
    for (const Group &group : groups)
      if (failed(verifyGroup(group)))
        return failure();
    return success();
  }

  ArrayRef<Group> getGroups() const { return groups; }

private:
  Group &start(Operation *op) {
    groupOf[op] = groups.size();
    return groups.emplace_back(Group{{op}, nullptr});
  }

  static LogicalResult verifyGroup(const Group &group) {
    if (group.ops.empty() ||
        isa_and_nonnull<ssm::SequenceOpInterface, ssm::WholeSequenceInterface>(
            group.anchor))
      return success();
    Operation *op = group.ops.front();
    return verifyRows(op, op->getResult(0), group.anchor ? 3 : 2);
  }

  /// Whether group `number` can read `value`: views of what it makes it cannot.
  bool isReady(Value value, unsigned number) {
    Operation *op = value.getDefiningOp();
    if (isComparison(op))
      return llvm::all_of(op->getOperands(), [&](Value operand) {
        return isReady(operand, number);
      });
    auto maker = groupOf.find(baseOf(value).getDefiningOp());
    return maker == groupOf.end() || maker->second < number ||
           (maker->second == number && !isView(op));
  }

  /// Puts a pointwise op behind the op that makes one of its operands, if
  /// nothing else needs that operand and the others are there by then.
  void place(Operation *op) {
    std::optional<unsigned> best;
    for (Value operand : op->getOperands()) {
      auto it = groupOf.find(operand.getDefiningOp());
      if (it == groupOf.end() ||
          isReadOutside(operand, [&](Operation *user) { return user == op; }) ||
          operand.getType() != op->getResult(0).getType())
        continue;
      bool ready = llvm::all_of(op->getOperands(), [&](Value other) {
        return isReady(other, it->second);
      });
      if (ready && (!best || *best < it->second))
        best = it->second;
    }
    if (!best) {
      start(op);
      return;
    }
    groupOf[op] = *best;
    groups[*best].ops.push_back(op);
  }

  /// Moves pointwise groups whose results only one recurrence reads into it:
  /// the recurrence computes each element once, so nothing is done twice.
  void sinkPrologues() {
    for (auto [number, group] : llvm::enumerate(groups)) {
      if (group.anchor)
        continue;
      std::optional<unsigned> target;
      bool movable = true;
      for (Operation *op : group.ops) {
        for (Operation *user : op->getUsers()) {
          auto it = groupOf.find(user);
          if (it == groupOf.end()) {
            movable = false; // a view or the function's end
          } else if (it->second != number) {
            movable &=
                isa_and_nonnull<ssm::RecurrenceOp>(groups[it->second].anchor) &&
                (!target || *target == it->second);
            target = it->second;
          }
        }
      }
      if (!movable || !target)
        continue;
      Group &into = groups[*target];
      into.ops.insert(into.ops.begin(), group.ops.begin(), group.ops.end());
      for (Operation *op : group.ops)
        groupOf[op] = *target;
      group.ops.clear();
    }
  }

  Block &block;
  std::vector<Group> groups;
  DenseMap<Operation *, unsigned> groupOf;
};

//===----------------------------------------------------------------------===//
// Outlining
//===----------------------------------------------------------------------===//

/// A name that says what the kernel does, for profiles and dumps.
std::string kernelName(const Group &group) {
  Operation *op = group.anchor ? group.anchor : group.ops.back();
  std::string name = op->getName().stripDialect().str();
  auto append = [&](Type type, unsigned from) {
    for (int64_t extent :
         cast<RankedTensorType>(type).getShape().drop_front(from))
      if (!ShapedType::isDynamic(extent))
        name += "_" + std::to_string(extent);
  };
  if (auto recurrence = dyn_cast<ssm::RecurrenceOp>(op)) {
    if (!recurrence.getFinal().empty()) {
      name = recurrence.getStateRoles().front().str();
      append(recurrence.getFinal().front().getType(), 1);
      return name;
    }
  }
  if (auto linear = dyn_cast<ssm::LinearOp>(op)) {
    append(linear.getWeight().getType(), 0);
    return name;
  }
  append(op->getResult(0).getType(), 2);
  return name;
}

class Outliner {
public:
  explicit Outliner(ModuleOp module)
      : module(module), symbols(module), builder(module.getContext()) {}

  /// Replaces the ops of `function` by dispatches of outlined kernels.
  LogicalResult run(func::FuncOp function) {
    entry = function;
    Grouping grouping(function.getBody().front());
    if (failed(grouping.run()))
      return failure();
    Operation *end = function.getBody().front().getTerminator();
    for (const Group &group : grouping.getGroups())
      if (!group.ops.empty())
        dispatch(group, end);
    if (failed(materializeResults(function)))
      return failure();
    eraseDead(function.getBody().front());
    return success();
  }

private:
  /// Clones `value`'s maker into the kernel if all kernels share it, else makes
  /// the value an argument. Returns the value inside.
  Value import(Value value, func::FuncOp kernel, IRMapping &mapping,
               SmallVectorImpl<Value> &operands) {
    if (Value known = mapping.lookupOrNull(value))
      return known;
    Operation *maker = value.getDefiningOp();
    if (isShared(maker)) {
      for (Value operand : maker->getOperands())
        import(operand, kernel, mapping, operands);
      builder.clone(*maker, mapping);
      return mapping.lookup(value);
    }
    unsigned index = operands.size();
    operands.push_back(value);
    (void)kernel.insertArgument(index, value.getType(), {}, value.getLoc());
    if (isWeight(maker))
      kernel.setArgAttr(index, plan::weightAttrName, builder.getUnitAttr());
    mapping.map(value, kernel.getArgument(index));
    return kernel.getArgument(index);
  }

  /// `type` with a length of one made unknown. Kernels that work row by row are
  /// the same for one time step and for many, so a step shares them.
  static Type anyLength(Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    bool isStep = tensor && tensor.getRank() > 1 && tensor.isDynamicDim(0) &&
                  tensor.getDimSize(1) == 1;
    if (!isStep)
      return type;
    SmallVector<int64_t> shape(tensor.getShape());
    shape[1] = ShapedType::kDynamic;
    return tensor.clone(shape);
  }

  /// Whether calls of the entry at hand have a length of one, which its first
  /// input gives, and so every length of one is that of the call.
  bool isStep() {
    auto input = dyn_cast<RankedTensorType>(entry.getArgumentTypes().front());
    return input && input.getRank() > 1 && input.getDimSize(1) == 1;
  }

  /// Makes every length in `kernel` unknown.
  static void generalize(func::FuncOp kernel) {
    auto update = [](Value value) {
      value.setType(anyLength(value.getType()));
    };
    Block &body = kernel.getBody().front();
    llvm::for_each(body.getArguments(), update);
    for (Operation &op : body)
      llvm::for_each(op.getResults(), update);
    kernel.setFunctionType(
        FunctionType::get(kernel.getContext(), body.getArgumentTypes(),
                          body.getTerminator()->getOperandTypes()));
  }

  /// An empty kernel function; its insertion point becomes the builder's.
  func::FuncOp createKernel(StringRef name, Location loc) {
    builder.setInsertionPointToEnd(module.getBody());
    auto kernel = func::FuncOp::create(builder, loc, name,
                                       builder.getFunctionType({}, {}));
    kernel.setPrivate();
    kernel->setAttr(plan::kernelAttrName, builder.getUnitAttr());
    builder.setInsertionPointToStart(kernel.addEntryBlock());
    return kernel;
  }

  void finishKernel(func::FuncOp kernel, ValueRange results) {
    func::ReturnOp::create(builder, kernel.getLoc(), results);
    kernel.setFunctionType(builder.getFunctionType(
        kernel.getBody().getArgumentTypes(), results.getTypes()));
  }

  void dispatch(const Group &group, Operation *before) {
    // Matrix products read time steps in one piece.
    if (auto linear = dyn_cast_or_null<ssm::LinearOp>(group.anchor);
        linear && isScattered(linear.getInput()))
      linear.getInputMutable().set(copy(linear.getInput(), before));
    llvm::SmallPtrSet<Operation *, 8> inside(group.ops.begin(),
                                             group.ops.end());
    SmallVector<Value> results;
    for (Operation *op : group.ops)
      for (Value result : op->getResults())
        if (isReadOutside(result,
                          [&](Operation *op) { return inside.contains(op); }))
          results.push_back(result);
    if (results.empty())
      return;

    Operation *heart = group.anchor ? group.anchor : group.ops.front();
    func::FuncOp kernel = createKernel(kernelName(group), heart->getLoc());
    IRMapping mapping;
    SmallVector<Value> operands;
    for (Operation *op : group.ops) {
      for (Value operand : op->getOperands())
        import(operand, kernel, mapping, operands);
      builder.clone(*op, mapping);
    }
    SmallVector<Value> inner;
    for (Value result : results)
      inner.push_back(mapping.lookup(result));
    finishKernel(kernel, inner);
    if (isStep() && !isa_and_nonnull<ssm::SequenceOpInterface>(group.anchor))
      generalize(kernel);
    replace(kernel, operands, results, before);
  }

  /// Inserts the dispatch before `before` and lets users of `results` outside
  /// of kernels read it.
  void replace(func::FuncOp kernel, ValueRange operands, ValueRange results,
               Operation *before) {
    Location loc = kernel.getLoc();
    StringAttr symbol = unique(kernel);
    builder.setInsertionPoint(before);
    auto op =
        plan::DispatchOp::create(builder, loc, TypeRange(results),
                                 FlatSymbolRefAttr::get(symbol), operands);
    for (auto [result, replacement] : llvm::zip(results, op.getResults()))
      result.replaceAllUsesWith(replacement);
  }

  /// Keeps `kernel` if no identical one exists, else erases it. Returns the
  /// symbol to call.
  StringAttr unique(func::FuncOp kernel) {
    std::string name = kernel.getSymName().str();
    kernel.setSymName("kernel");
    std::string text;
    llvm::raw_string_ostream stream(text);
    kernel->print(stream, OpPrintingFlags().useLocalScope().assumeVerified());
    auto [known, inserted] = kernels.try_emplace(text);
    if (!inserted) {
      kernel.erase();
      return known->second;
    }
    kernel->remove();
    kernel.setSymName(name);
    known->second = symbols.insert(kernel, Block::iterator(entry));
    return known->second;
  }

  /// `value` in a buffer of its own, written by a dispatch before `before`.
  Value copy(Value value, Operation *before) {
    func::FuncOp kernel = createKernel("copy", before->getLoc());
    IRMapping mapping;
    SmallVector<Value> operands;
    Value inner = import(value, kernel, mapping, operands);
    finishKernel(kernel, inner);
    StringAttr symbol = unique(kernel);
    builder.setInsertionPoint(before);
    return plan::DispatchOp::create(builder, before->getLoc(),
                                    TypeRange{value.getType()},
                                    FlatSymbolRefAttr::get(symbol), operands)
        .getResult(0);
  }

  /// A function's result must be written by a dispatch: copies arguments,
  /// weights, views and second uses.
  LogicalResult materializeResults(func::FuncOp function) {
    Operation *end = function.getBody().front().getTerminator();
    llvm::SmallDenseSet<Value> returned;
    for (OpOperand &operand : end->getOpOperands()) {
      Value value = operand.get();
      bool written = value.getDefiningOp<plan::DispatchOp>() &&
                     returned.insert(value).second;
      if (written)
        continue;
      if (failed(verifyRows(end, value, 2)))
        return failure();
      operand.set(copy(value, end));
    }
    return success();
  }

  static void eraseDead(Block &block) {
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (!isa<plan::DispatchOp>(op) && !op.hasTrait<OpTrait::IsTerminator>() &&
          op.use_empty())
        op.erase();
  }

  ModuleOp module;
  SymbolTable symbols;
  OpBuilder builder;
  func::FuncOp entry;                  // the one at hand; kernels go before it
  llvm::StringMap<StringAttr> kernels; // by printed text
};

struct FormDispatches : impl::FormDispatchesBase<FormDispatches> {
  void runOnOperation() override {
    WalkResult expanded = getOperation()->walk([](ssm::ExpandInterface op) {
      if (!op.expands())
        return WalkResult::advance();
      op->emitOpError("cannot be scheduled: it is a short spelling, which the "
                      "stage normalize expands");
      return WalkResult::interrupt();
    });
    if (expanded.wasInterrupted())
      return signalPassFailure();
    SmallVector<func::FuncOp> entries;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function->hasAttr("ssm.entry"))
        entries.push_back(function);
    if (entries.empty()) {
      getOperation().emitError("expected entries to schedule, functions that "
                               "the stage derive makes, got none");
      return signalPassFailure();
    }
    Outliner outliner(getOperation());
    for (func::FuncOp entry : entries)
      if (failed(outliner.run(entry)))
        return signalPassFailure();
  }
};

} // namespace
} // namespace ssmc
