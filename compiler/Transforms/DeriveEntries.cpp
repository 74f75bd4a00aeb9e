//===- DeriveEntries.cpp - @forward to @prefill and @step -----------------===//
//
// Ops with `SequenceOpInterface` say which states they carry; nothing here
// knows any of them.
//
//===----------------------------------------------------------------------===//

#include "compiler/Transforms/Entries.h"
#include "compiler/Transforms/Passes.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace ssmc {
#define GEN_PASS_DEF_DERIVEENTRIES
#include "compiler/Transforms/Passes.h.inc"

//===----------------------------------------------------------------------===//
// What stands against entries with state
//===----------------------------------------------------------------------===//

namespace {
/// Why no entry but `@forward` can be derived: an error at `op`.
struct Obstacle {
  Operation *op;
  std::string message;
};
} // namespace

/// The name of `op` as the author wrote it.
static std::string spelling(Operation *op) {
  if (auto name = op->getAttrOfType<StringAttr>(writtenAsAttrName))
    return name.getValue().str();
  return op->getName().getStringRef().str();
}

static std::string quoted(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << "'" << type << "'";
  return text;
}

static bool isUnknownBatchAndLength(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getRank() >= 2 && tensor.isDynamicDim(0) &&
         tensor.isDynamicDim(1);
}

/// [batch, ...] with all other extents fixed.
static bool isStateType(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getRank() >= 1 && tensor.isDynamicDim(0) &&
         llvm::none_of(tensor.getShape().drop_front(), ShapedType::isDynamic);
}

/// Final states leave through the state table, not through results.
static LogicalResult checkFinalStates(func::FuncOp forward) {
  Operation *terminator = forward.getBody().front().getTerminator();
  for (OpOperand &result : terminator->getOpOperands()) {
    auto op = result.get().getDefiningOp<ssm::SequenceOpInterface>();
    if (op && llvm::is_contained(op.getFinalStates(), result.get()))
      return op->emitError("expected '@forward' not to return a final state, "
                           "got it as result ")
             << result.getOperandNumber()
             << "; entries with state carry it from call to call";
  }
  return success();
}

/// Looks for an obstacle to deriving the entry `wanted`.
static std::optional<Obstacle> findObstacle(func::FuncOp forward,
                                            StringRef wanted) {
  std::string so = (", so no '" + wanted + "' can be derived").str();
  for (auto [i, type] : llvm::enumerate(forward.getArgumentTypes()))
    if (!isUnknownBatchAndLength(type))
      return Obstacle{forward,
                      "expected the extents of axes 0 and 1 of input " +
                          std::to_string(i) + " to be unknown, got " +
                          quoted(type) + so};
  std::optional<Obstacle> obstacle;
  forward.walk<WalkOrder::PreOrder>([&](Operation *each) {
    // Weights have no time.
    if (isa<ssm::ParameterOp>(each))
      return WalkResult::skip();
    if (auto whole = dyn_cast<ssm::WholeSequenceInterface>(each))
      if (std::string reason = whole.getWholeSequenceReason(); !reason.empty())
        obstacle = {each, "has no finite state" + so + ": it " + reason};
    auto op = dyn_cast<ssm::SequenceOpInterface>(each);
    if (!op)
      return obstacle ? WalkResult::interrupt() : WalkResult::advance();
    if (!op.isCausal())
      obstacle = {op, "makes the model non-causal" + so + ": it " +
                          op.getNonCausalReason()};
    else if (op->getParentOp() != forward)
      obstacle = {op,
                  ("inside '" + op->getParentOp()->getName().getStringRef() +
                   "' cannot carry state" + so)
                      .str()};
    else if (!MutableOperandRange(op.getInitialStatesMutable()).empty())
      obstacle = {op, "is not supported with an explicit initial state" + so};
    for (Value state : op.getFinalStates())
      if (!obstacle && !isStateType(state.getType()))
        obstacle = {op, "expected states of [batch, ...] with fixed extents "
                        "after the batch, got " +
                            quoted(state.getType()) + so};
    if (obstacle)
      return WalkResult::interrupt();
    // What a body chains begins and ends within one time step.
    return WalkResult::skip();
  });
  return obstacle;
}

//===----------------------------------------------------------------------===//
// Names of states
//===----------------------------------------------------------------------===//

/// Appends the names of a call, those of the calls around it first.
static void collectNames(Location location, SmallVectorImpl<StringRef> &names) {
  if (auto name = dyn_cast<NameLoc>(location)) {
    names.push_back(name.getName());
  } else if (auto call = dyn_cast<CallSiteLoc>(location)) {
    collectNames(call.getCaller(), names);
    collectNames(call.getCallee(), names);
  } else if (auto fused = dyn_cast<FusedLoc>(location)) {
    size_t before = names.size();
    for (Location part : fused.getLocations())
      if (names.size() == before)
        collectNames(part, names);
  }
}

/// The names of the calls that inlined an op, outermost first; else its own
/// name; else empty.
static std::string prefixOf(Location location) {
  SmallVector<StringRef> names;
  // Inlining a call wraps what was inlined before: the innermost callee is the
  // op itself.
  SmallVector<Location> callers;
  while (auto call = dyn_cast<CallSiteLoc>(location)) {
    callers.push_back(call.getCaller());
    location = call.getCallee();
  }
  for (Location caller : callers)
    collectNames(caller, names);
  if (names.empty())
    collectNames(location, names);
  return llvm::join(names, ".");
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

/// Whether `forward` runs better without states, on sequences in one piece.
static bool prefersWholeSequence(func::FuncOp forward) {
  return llvm::any_of(forward.getOps<ssm::WholeSequenceInterface>(),
                      [](auto op) { return op.prefersWholeSequence(); });
}

/// Adds an argument, a result and a row of the state table for each state that
/// `forward` carries. Returns their number.
static unsigned addStates(func::FuncOp forward, SymbolTable &symbols) {
  OpBuilder builder(forward);
  Operation *terminator = forward.getBody().front().getTerminator();
  unsigned count = 0;
  for (auto [ordinal, op] : llvm::enumerate(
           llvm::to_vector(forward.getOps<ssm::SequenceOpInterface>()))) {
    std::string prefix = prefixOf(op->getLoc());
    if (prefix.empty())
      prefix = "op" + std::to_string(ordinal);
    SmallVector<Value> initial;
    for (auto [role, final] :
         llvm::zip_equal(op.getStateRoles(), op.getFinalStates())) {
      auto type = cast<RankedTensorType>(final.getType());
      auto row = plan::StateOp::create(
          builder, op->getLoc(), prefix + "." + role.str(), role,
          RankedTensorType::get(type.getShape().drop_front(),
                                type.getElementType()),
          plan::LayoutAttr());
      auto symbol = FlatSymbolRefAttr::get(symbols.insert(row));
      // A history is large, and not what the author wrote.
      auto whole = dyn_cast<ssm::WholeSequenceInterface>(op.getOperation());
      if (whole && whole.prefersWholeSequence())
        op->emitRemark("'")
            << spelling(op) << "' op keeps the state '" << symbol.getValue()
            << "' between calls, " << row.getType() << " for each sequence";
      DictionaryAttr attributes = builder.getDictionaryAttr(
          builder.getNamedAttr(plan::stateAttrName, symbol));
      unsigned position = forward.getNumArguments();
      // Neither fails: a function type may have any number of either.
      (void)forward.insertArgument(position, type, attributes, op->getLoc());
      (void)forward.insertResult(forward.getNumResults(), type, attributes);
      initial.push_back(forward.getArgument(position));
      terminator->insertOperands(terminator->getNumOperands(), final);
      ++count;
    }
    op.getInitialStatesMutable().assign(initial);
  }
  return count;
}

/// The type of a value when the length is one: axis 1 of a tensor is the length
/// where its extent is unknown.
static Type withUnitLength(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || tensor.getRank() < 2 || !tensor.isDynamicDim(1))
    return type;
  SmallVector<int64_t> shape(tensor.getShape());
  shape[1] = 1;
  return tensor.clone(shape);
}

static bool hasLength(Type type) { return withUnitLength(type) != type; }

/// Ops that take extents as operands (tensor.expand_shape, tensor.empty) spell
/// them in their result types: puts these between casts to and from their
/// types, which canonicalization folds into them once the extents are known.
/// Returns the values that keep their types.
static llvm::DenseSet<Value> castAroundSizedOps(func::FuncOp step) {
  SmallVector<Operation *> sized;
  step.walk([&](Operation *op) {
    if (llvm::any_of(op->getOperandTypes(), llvm::IsaPred<IndexType>) &&
        llvm::any_of(op->getResultTypes(), hasLength))
      sized.push_back(op);
  });
  llvm::DenseSet<Value> kept;
  OpBuilder builder(step.getContext());
  auto createCast = [&](Operation *op, Type type, Value value) {
    return tensor::CastOp::create(builder, op->getLoc(), type, value);
  };
  // All operands before any result: an operand may be another's result.
  for (Operation *op : sized) {
    builder.setInsertionPoint(op);
    for (OpOperand &operand : op->getOpOperands()) {
      if (!hasLength(operand.get().getType()))
        continue;
      operand.set(createCast(op, operand.get().getType(), operand.get()));
      kept.insert(operand.get());
    }
  }
  for (Operation *op : sized) {
    builder.setInsertionPointAfter(op);
    for (OpResult result : op->getResults()) {
      if (!hasLength(result.getType()))
        continue;
      auto cast = createCast(op, withUnitLength(result.getType()), result);
      result.replaceAllUsesExcept(cast, cast);
      kept.insert(result);
    }
  }
  return kept;
}

/// Retypes a function to time steps of length one.
static void setUnitLength(func::FuncOp step) {
  llvm::DenseSet<Value> kept = castAroundSizedOps(step);
  auto retype = [&](Value value) {
    if (!kept.contains(value))
      value.setType(withUnitLength(value.getType()));
  };
  step.walk([&](Block *block) {
    llvm::for_each(block->getArguments(), retype);
    for (Operation &op : *block)
      llvm::for_each(op.getResults(), retype);
  });
  Block &body = step.getBody().front();
  step.setFunctionType(
      FunctionType::get(step.getContext(), body.getArgumentTypes(),
                        body.getTerminator()->getOperandTypes()));
}

namespace {
struct DeriveEntries : impl::DeriveEntriesBase<DeriveEntries> {
  using Base::Base;

  void runOnOperation() override {
    if (failed(derive()))
      signalPassFailure();
  }

private:
  bool wants(StringRef entry) const {
    return entries.empty() || llvm::is_contained(entries, entry);
  }

  LogicalResult derive() {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    for (const std::string &entry : entries)
      if (entry != "forward" && entry != "prefill" && entry != "step")
        return module.emitError("expected an entry to derive to be 'forward', "
                                "'prefill' or 'step', got '")
               << entry << "'";
    auto forward = symbols.lookup<func::FuncOp>("forward");
    if (!forward || !forward.isPublic() ||
        !llvm::hasSingleElement(forward.getBody()))
      return module.emitError("expected a public function '@forward' of one "
                              "block to derive entries from");
    for (StringRef entry : {"prefill", "step"})
      if (Operation *taken = symbols.lookup(entry))
        return taken->emitError("expected the name '")
               << entry << "' to be free for the entry derived from '@forward'";

    StringRef carried = wants("step") ? "step" : "prefill";
    std::optional<Obstacle> obstacle = findObstacle(forward, carried);
    UnitAttr unit = UnitAttr::get(&getContext());
    forward->setAttr(entryAttrName, unit);
    std::string culprit = obstacle ? spelling(obstacle->op) : "";
    forward.walk([](Operation *op) { op->removeAttr(writtenAsAttrName); });
    // Entries asked for are an error; of all that the model has, these are not.
    if (obstacle && entries.empty()) {
      obstacle->op->emitRemark("'")
          << culprit << "' op " << obstacle->message
          << "; the artifact has the entry 'forward' only";
      return success();
    }
    if (obstacle && wants(carried)) {
      InFlightDiagnostic error = obstacle->op->emitError("'")
                                 << culprit << "' op " << obstacle->message;
      error.attachNote(forward.getLoc())
          << "derived from this function, which as the only entry 'forward' "
             "needs no state";
      return error;
    }
    if (obstacle)
      return success();
    if (failed(checkFinalStates(forward)))
      return failure();

    func::FuncOp whole;
    if (wants("forward") && (wholeForward || prefersWholeSequence(forward))) {
      if (!wants("prefill") && !wants("step"))
        return success();
      whole = forward.clone();
    }
    numStates += addStates(forward, symbols);
    Operation *last = forward;
    auto addEntry = [&](StringRef name) {
      func::FuncOp entry = forward.clone();
      entry.setName(name);
      symbols.insert(entry, std::next(last->getIterator()));
      last = entry;
      return entry;
    };
    if (wants("prefill"))
      addEntry("prefill");
    if (wants("step")) {
      func::FuncOp step = addEntry("step");
      setUnitLength(step);
      if (failed(verify(step)))
        return forward.emitError("expected every op to work on one time step, "
                                 "so no 'step' can be derived");
    }
    if (!wants("forward")) {
      symbols.erase(forward);
      return success();
    }
    if (whole) {
      Block::iterator next = std::next(forward->getIterator());
      symbols.erase(forward);
      symbols.insert(whole, next);
      return success();
    }
    forward->setAttr(causalAttrName, unit);
    forward->setAttr(transientStateAttrName, unit);
    return success();
  }
};
} // namespace
} // namespace ssmc
