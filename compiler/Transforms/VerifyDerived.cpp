#include "compiler/Transforms/Entries.h"
#include "compiler/Transforms/Passes.h"

using namespace mlir;

namespace ssmc {
#define GEN_PASS_DEF_VERIFYDERIVED
#include "compiler/Transforms/Passes.h.inc"

/// The type of a state in an entry: that of its row behind a batch axis.
static Type withBatch(plan::StateOp row) {
  auto type = cast<RankedTensorType>(row.getType());
  SmallVector<int64_t> shape = {ShapedType::kDynamic};
  llvm::append_range(shape, type.getShape());
  return RankedTensorType::get(shape, type.getElementType());
}

/// The position of the only argument or result that is the state `symbol`.
template <typename GetAttr>
static std::optional<unsigned> findState(unsigned count, GetAttr getAttr,
                                         StringRef symbol) {
  std::optional<unsigned> found;
  for (unsigned i = 0; i < count; ++i) {
    auto reference = dyn_cast_or_null<FlatSymbolRefAttr>(getAttr(i));
    if (!reference || reference.getValue() != symbol)
      continue;
    if (found)
      return std::nullopt;
    found = i;
  }
  return found;
}

/// Checks that one op takes the state from `entry` and gives it back.
static LogicalResult verifyState(func::FuncOp entry, plan::StateOp row) {
  StringRef symbol = row.getSymName();
  std::optional<unsigned> argument = findState(
      entry.getNumArguments(),
      [&](unsigned i) { return entry.getArgAttr(i, plan::stateAttrName); },
      symbol);
  std::optional<unsigned> result = findState(
      entry.getNumResults(),
      [&](unsigned i) { return entry.getResultAttr(i, plan::stateAttrName); },
      symbol);
  if (!argument || !result)
    return entry.emitOpError("expected state '@")
           << symbol << "' once among the "
           << (argument ? "results" : "arguments") << " of '@"
           << entry.getName() << "'";
  Value before = entry.getArgument(*argument);
  OpOperand &after =
      entry.getBody().front().getTerminator()->getOpOperand(*result);
  for (Value value : {before, after.get()})
    if (value.getType() != withBatch(row))
      return entry.emitOpError("expected state '@")
             << symbol << "' to be " << withBatch(row) << " in '@"
             << entry.getName() << "', got " << value.getType();

  if (!before.hasOneUse())
    return entry.emitOpError("expected one use of state '@")
           << symbol << "' in '@" << entry.getName() << "', got "
           << llvm::range_size(before.getUses());
  OpOperand &use = *before.use_begin();
  auto op = dyn_cast<ssm::SequenceOpInterface>(use.getOwner());
  if (!op)
    return use.getOwner()->emitOpError("expected only ops that chain time "
                                       "steps to use state '@")
           << symbol << "'";
  MutableOperandRange initial = op.getInitialStatesMutable();
  bool chained = llvm::any_of(llvm::zip_first(initial, op.getFinalStates()),
                              [&](auto pair) {
                                return std::get<0>(pair).get() == before &&
                                       std::get<1>(pair) == after.get();
                              });
  if (!chained)
    return op->emitOpError("expected '@")
           << entry.getName() << "' to return state '@" << symbol
           << "' as it is after this op";
  return success();
}

/// Checks that no tensor has an unknown length.
static LogicalResult verifyUnitLength(func::FuncOp step) {
  auto isLong = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && tensor.getRank() >= 2 && tensor.isDynamicDim(1);
  };
  for (Type type : step.getArgumentTypes())
    if (isLong(type))
      return step.emitOpError("expected axis 1 of every input of '@step' to "
                              "have extent 1, got ")
             << type;
  WalkResult walked = step.walk([&](Operation *op) -> WalkResult {
    for (Type type : op->getResultTypes())
      if (isLong(type))
        return op->emitOpError("expected axis 1 to have extent 1 in '@step', "
                               "got ")
               << type;
    return WalkResult::advance();
  });
  return failure(walked.wasInterrupted());
}

namespace {
struct VerifyDerived : impl::VerifyDerivedBase<VerifyDerived> {
  void runOnOperation() override {
    if (failed(check()))
      signalPassFailure();
  }

private:
  LogicalResult check() {
    ModuleOp module = getOperation();
    auto functions = module.getOps<func::FuncOp>();
    if (functions.empty())
      return module.emitError("expected an entry, got no function");
    for (func::FuncOp function : functions)
      if (failed(verifyEntry(function)))
        return failure();
    return success();
  }

  LogicalResult verifyEntry(func::FuncOp entry) {
    StringRef name = entry.getName();
    bool isEntry = entry.isPublic() && !entry.isExternal() &&
                   (name == "forward" || name == "prefill" || name == "step");
    if (!isEntry)
      return entry.emitOpError("expected only the entries '@forward', "
                               "'@prefill' and '@step', got '@")
             << name << "'";
    if (!entry->hasAttr(entryAttrName))
      return entry.emitOpError("expected the attribute '")
             << entryAttrName << "' on '@" << name << "'";
    for (unsigned i = 0; i < entry.getNumArguments(); ++i) {
      auto state =
          entry.getArgAttrOfType<FlatSymbolRefAttr>(i, plan::stateAttrName);
      if (state && !getOperation().lookupSymbol<plan::StateOp>(state))
        return entry.emitOpError("expected every state among the rows of the "
                                 "table, got '@")
               << state.getValue() << "'";
    }
    bool stateless = name == "forward" && !entry->hasAttr(causalAttrName);
    if (!stateless)
      for (auto row : getOperation().getOps<plan::StateOp>())
        if (failed(verifyState(entry, row)))
          return failure();
    return name == "step" ? verifyUnitLength(entry) : success();
  }
};
} // namespace
} // namespace ssmc
