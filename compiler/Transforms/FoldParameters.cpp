#include "compiler/Transforms/Passes.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace ssmc {
#define GEN_PASS_DEF_FOLDPARAMETERS
#include "compiler/Transforms/Passes.h.inc"

/// A parameter larger than this is more likely a mistake (a table extended to
/// float32) than wanted.
static constexpr uint64_t maxParameterBytes = uint64_t{64} << 20;

static uint64_t sizeInBytes(RankedTensorType type) {
  uint64_t bytes = type.getElementTypeBitWidth() / 8;
  for (int64_t extent : type.getShape())
    bytes = llvm::SaturatingMultiply<uint64_t>(bytes, extent);
  return bytes;
}

/// Whether a value of this type can be stored in an artifact.
static bool isParameterType(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.hasStaticShape() &&
         (tensor.getElementType().isF32() || tensor.getElementType().isF16() ||
          tensor.getElementType().isBF16() ||
          tensor.getElementType().isSignlessInteger(64));
}

namespace {
/// What one block computes from weights, tables and constants alone.
class BlockFolder {
public:
  BlockFolder(Block &block);

  /// Makes the parameters. Returns how many, or failure after an error.
  FailureOr<unsigned> fold();

private:
  bool isUsedOutside(Value value) const;
  ssm::ParameterOp makeParameter(OpResult root);
  std::string nameFor(ArrayRef<Operation *> computation);
  SmallVector<Operation *> computationOf(Operation *root) const;

  /// Position in the block of each op that depends on weights and constants
  /// alone: weights, parameters, constants, and `computed`.
  llvm::MapVector<Operation *, unsigned> sources;
  /// Tables and the ops that compute with weights, in the order of the block.
  SmallVector<Operation *> computed;
  /// Those of them that need not stay; all until `fold` has looked.
  llvm::DenseSet<Operation *> folded;
  /// Names that an artifact will have: of weights that stay, of parameters.
  llvm::StringSet<> taken;
};
} // namespace

static bool isWeight(Operation *op) {
  return isa<ssm::WeightOp, ssm::ParameterOp>(op);
}

/// Kernels know constants that are one number everywhere; others are stored.
static bool isTable(Operation *op) {
  DenseElementsAttr constant;
  return isa<ssm::TableOpInterface>(op) ||
         (matchPattern(op, m_Constant(&constant)) && !constant.isSplat());
}

/// Whether the op only turns its operands into results.
static bool isComputation(Operation *op) {
  return isPure(op) && op->getNumRegions() == 0 && op->getNumOperands() != 0 &&
         op->getNumResults() != 0;
}

/// Whether folders make constants of the results of `op`, whose operands are
/// `constants` where they are known to be; notes what they make.
static bool foldsAway(Operation *op,
                      llvm::DenseMap<Value, Attribute> &constants) {
  auto operands = llvm::map_to_vector(op->getOperands(), [&](Value operand) {
    return constants.lookup(operand);
  });
  SmallVector<OpFoldResult> results;
  if (failed(op->fold(operands, results)) ||
      results.size() != op->getNumResults())
    return false;
  for (auto [value, result] : llvm::zip_equal(op->getResults(), results)) {
    auto constant = dyn_cast<Attribute>(result);
    if (!constant)
      constant = constants.lookup(cast<Value>(result));
    if (!constant)
      return false;
    constants[value] = constant;
  }
  return true;
}

BlockFolder::BlockFolder(Block &block) {
  llvm::DenseSet<Operation *> withWeights;
  llvm::DenseMap<Value, Attribute> constants;
  for (auto [position, op] : llvm::enumerate(block)) {
    bool table = isTable(&op);
    bool source =
        isWeight(&op) || (op.hasTrait<OpTrait::ConstantLike>() && !table);
    bool computes =
        table || (isComputation(&op) &&
                  llvm::all_of(op.getOperands(), [&](Value operand) {
                    return sources.contains(operand.getDefiningOp());
                  }));
    if (!source && !computes)
      continue;
    sources[&op] = position;
    Attribute constant;
    if (source && matchPattern(&op, m_Constant(&constant)))
      constants[op.getResult(0)] = constant;
    bool dependsOnWeight =
        isWeight(&op) || table ||
        llvm::any_of(op.getOperands(), [&](Value operand) {
          return withWeights.contains(operand.getDefiningOp());
        });
    // Constants alone are left to folding, where that can do it.
    if (!dependsOnWeight && (source || foldsAway(&op, constants)))
      continue;
    withWeights.insert(&op);
    if (!source)
      computed.push_back(&op);
  }
  folded.insert(computed.begin(), computed.end());
}

bool BlockFolder::isUsedOutside(Value value) const {
  return llvm::any_of(value.getUsers(),
                      [&](Operation *user) { return !folded.contains(user); });
}

/// The ops that `root` needs, itself included, in the order of the block.
SmallVector<Operation *> BlockFolder::computationOf(Operation *root) const {
  llvm::SetVector<Operation *> needed;
  needed.insert(root);
  for (size_t i = 0; i < needed.size(); ++i) // grows
    for (Value operand : needed[i]->getOperands())
      needed.insert(operand.getDefiningOp());
  SmallVector<Operation *> ordered = needed.takeVector();
  llvm::sort(ordered, [&](Operation *a, Operation *b) {
    return sources.lookup(a) < sources.lookup(b);
  });
  return ordered;
}

/// The name of a weight or parameter, or a table's kind.
static StringRef nameOf(Operation *op) {
  if (isWeight(op))
    return op->getAttrOfType<StringAttr>("name").getValue();
  return op->getName().stripDialect();
}

/// The name of the first weight, else of the first table, else of what is done
/// with constants, with a number where another parameter has it already.
std::string BlockFolder::nameFor(ArrayRef<Operation *> computation) {
  auto first = llvm::find_if(computation, isWeight);
  if (first == computation.end())
    first = llvm::find_if(computation, isTable);
  StringRef base =
      nameOf(first == computation.end() ? computation.back() : *first);
  std::string name = base.str();
  for (unsigned number = 1; !taken.insert(name).second; ++number)
    name = (base + "." + Twine(number)).str();
  return name;
}

ssm::ParameterOp BlockFolder::makeParameter(OpResult root) {
  Operation *op = root.getOwner();
  SmallVector<Operation *> computation = computationOf(op);
  std::string name = nameFor(computation);
  OpBuilder builder(op);
  auto parameter =
      ssm::ParameterOp::create(builder, op->getLoc(), root.getType(), name);
  builder.createBlock(&parameter.getBody());
  IRMapping map;
  for (Operation *each : computation) {
    auto inner = dyn_cast<ssm::ParameterOp>(each);
    if (!inner) {
      builder.clone(*each, map);
      continue;
    }
    // A parameter of a parameter is one computation.
    IRMapping innerMap;
    Block &body = inner.getBody().front();
    for (Operation &bodyOp : body.without_terminator())
      builder.clone(bodyOp, innerMap);
    Value yielded = body.getTerminator()->getOperand(0);
    map.map(inner.getResult(), innerMap.lookup(yielded));
  }
  ssm::YieldOp::create(builder, op->getLoc(), map.lookup(root));
  return parameter;
}

FailureOr<unsigned> BlockFolder::fold() {
  // Users stand behind definitions: an op that stays makes its operands used
  // outside before they are looked at.
  for (Operation *op : llvm::reverse(computed))
    if (llvm::any_of(op->getResults(), [&](Value result) {
          return isUsedOutside(result) && !isParameterType(result.getType());
        }))
      folded.erase(op);

  for (auto [op, position] : sources)
    if (isWeight(op) && isUsedOutside(op->getResult(0)))
      taken.insert(nameOf(op));

  unsigned count = 0;
  for (Operation *op : computed) {
    if (!folded.contains(op))
      continue;
    for (OpResult result : op->getResults()) {
      if (!isUsedOutside(result))
        continue;
      auto type = cast<RankedTensorType>(result.getType());
      if (uint64_t bytes = sizeInBytes(type); bytes > maxParameterBytes)
        return op->emitOpError("computes a parameter from weights: expected "
                               "at most ")
               << maxParameterBytes << " bytes, got " << bytes << " in "
               << type;
      ssm::ParameterOp parameter = makeParameter(result);
      result.replaceUsesWithIf(parameter.getResult(), [&](OpOperand &use) {
        return !folded.contains(use.getOwner());
      });
      ++count;
    }
  }
  for (auto [op, position] : llvm::reverse(sources))
    if (op->use_empty())
      op->erase();
  return count;
}

namespace {
struct FoldParameters : impl::FoldParametersBase<FoldParameters> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      for (Block &block : function.getBody()) {
        FailureOr<unsigned> count = BlockFolder(block).fold();
        if (failed(count))
          return signalPassFailure();
        numFolded += *count;
      }
    }
  }
};
} // namespace
} // namespace ssmc
