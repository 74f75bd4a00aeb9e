//===- ShareLoops.cpp - one routine for loops that repeat -----------------===//

#include "compiler/Conversion/CpuKernels/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"
#include <map>

using namespace mlir;

namespace ssmc::cpu {
#define GEN_PASS_DEF_SHARELOOPS
#include "compiler/Conversion/CpuKernels/Passes.h.inc"

/// Ops that a loop must have, and execute, to be worth a call.
static constexpr uint64_t leastOps = 8;
static constexpr uint64_t leastWork = 128;

namespace {
/// A loop, or a choice between loops, without results.
struct Candidate {
  Operation *op;
  /// Operands from outside, in the order of their ops.
  SmallVector<OpOperand *> outside;
};

/// Candidates of one description: the same code but for values from outside.
struct Group {
  uint64_t ops;
  size_t number; // in order of appearance
  SmallVector<Candidate> members;
};

/// Equal descriptions are equal code. Pointers are even, numbers odd.
class Description {
public:
  std::vector<uintptr_t> words;
  void add(const void *pointer) {
    words.push_back(reinterpret_cast<uintptr_t>(pointer));
  }
  void add(size_t number) { words.push_back(2 * number + 1); }
};
} // namespace

/// Whether what `use` reads is only added to, and says where memory is read or
/// written.
static bool isAddress(OpOperand &use) {
  Operation *user = use.getOwner();
  if (isa<memref::LoadOp, memref::StoreOp, vector::LoadOp, vector::StoreOp>(
          user))
    return use.get().getType().isIndex();
  return isa<arith::AddIOp>(user) &&
         llvm::all_of(user->getResult(0).getUses(), isAddress);
}

static Attribute getConstant(Value value) {
  Attribute attribute;
  matchPattern(value, m_Constant(&attribute));
  return attribute;
}

/// Describes `top` and finds its operands from outside. Constants among these
/// are described, since bounds and strides make the code what it is; those that
/// only say where something lies are not.
static Description describe(Operation *top,
                            SmallVectorImpl<OpOperand *> &outside) {
  Description text;
  DenseMap<Value, size_t> numbers;
  auto define = [&](Value value) {
    text.add(value.getType().getAsOpaquePointer());
    numbers.try_emplace(value, numbers.size());
  };
  top->walk<WalkOrder::PreOrder>([&](Operation *op) {
    text.add(op->getName().getAsOpaquePointer());
    text.add(op->getAttrDictionary().getAsOpaquePointer());
    text.add(op->getNumOperands());
    for (OpOperand &operand : op->getOpOperands()) {
      if (auto known = numbers.find(operand.get()); known != numbers.end()) {
        text.add(known->second);
        continue;
      }
      outside.push_back(&operand);
      Attribute constant = getConstant(operand.get());
      if (constant && !isAddress(operand))
        text.add(constant.getAsOpaquePointer());
      else
        text.add(operand.get().getType().getAsOpaquePointer());
    }
    text.add(op->getNumResults());
    llvm::for_each(op->getResults(), define);
    for (Region &region : op->getRegions()) {
      text.add(region.getBlocks().size());
      for (Block &block : region) {
        text.add(block.getNumArguments());
        text.add(block.getOperations().size());
        llvm::for_each(block.getArguments(), define);
      }
    }
  });
  return text;
}

/// Ops that `op` executes; loops of unknown length as if once.
static uint64_t getWork(Operation *op) {
  uint64_t work = 1;
  for (Region &region : op->getRegions())
    for (Operation &inner : region.getOps())
      work = llvm::SaturatingAdd(work, getWork(&inner));
  if (auto loop = dyn_cast<scf::ForOp>(op))
    if (std::optional<llvm::APInt> trips = loop.getStaticTripCount())
      work = llvm::SaturatingMultiply(work, trips->getZExtValue());
  return work;
}

static SmallVector<Group> findGroups(ModuleOp module) {
  SmallVector<std::pair<Operation *, uint64_t>> found;
  DenseMap<uint64_t, unsigned> timesFound; // of each number of ops
  module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (!isa<scf::ForOp, scf::IfOp>(op) || op->getNumResults() != 0)
      return;
    uint64_t ops = 0;
    op->walk([&](Operation *) { ++ops; });
    if (ops < leastOps || getWork(op) < leastWork)
      return;
    found.push_back({op, ops});
    ++timesFound[ops];
  });
  SmallVector<Group> groups;
  std::map<std::vector<uintptr_t>, size_t> known;
  for (auto [op, ops] : found) {
    if (timesFound[ops] == 1) // which holds for most outer loops
      continue;
    Candidate candidate{op, {}};
    Description text = describe(op, candidate.outside);
    auto [entry, isNew] = known.try_emplace(text.words, groups.size());
    if (isNew)
      groups.push_back({ops, groups.size(), {}});
    groups[entry->second].members.push_back(candidate);
  }
  // What is inside another loop is part of its code first.
  llvm::sort(groups, [](const Group &a, const Group &b) {
    return std::tie(b.ops, a.number) < std::tie(a.ops, b.number);
  });
  return groups;
}

namespace {
/// The routine for a group: what its calls pass, and what becomes of operands
/// from outside in it.
class Routine {
public:
  explicit Routine(ArrayRef<Candidate> members) : members(members) {}
  void build(SymbolTable &symbols);

private:
  /// An operand from outside, as it is in each member.
  using Column = SmallVector<Value>;
  Value replace(const Column &column);

  ArrayRef<Candidate> members;
  func::FuncOp function;
  std::optional<OpBuilder> builder;
  SmallVector<Column> parameters;
};
} // namespace

/// What `a` is more than `b` in every member.
static std::optional<int64_t> getDistance(ArrayRef<Value> a,
                                          ArrayRef<Value> b) {
  std::optional<int64_t> distance;
  for (auto [x, y] : llvm::zip_equal(a, b)) {
    std::optional<int64_t> first = getConstantIntValue(x);
    std::optional<int64_t> second = getConstantIntValue(y);
    if (!first || !second ||
        *first - *second != distance.value_or(*first - *second))
      return std::nullopt;
    distance = *first - *second;
  }
  return distance;
}

/// The value in the routine of what is `column` in the members.
Value Routine::replace(const Column &column) {
  Location loc = function.getLoc();
  Attribute constant = getConstant(column[0]);
  if (constant && llvm::all_of(column, [&](Value value) {
        return getConstant(value) == constant;
      }))
    return builder->clone(*column[0].getDefiningOp())->getResult(0);
  for (auto [i, parameter] : llvm::enumerate(parameters)) {
    if (parameter == column)
      return function.getArgument(i);
    if (!column[0].getType().isIndex())
      continue;
    if (std::optional<int64_t> distance = getDistance(column, parameter)) {
      Value more = arith::ConstantIndexOp::create(*builder, loc, *distance);
      return arith::AddIOp::create(*builder, loc, function.getArgument(i),
                                   more);
    }
  }
  parameters.push_back(column);
  return function.getBody().addArgument(column[0].getType(), loc);
}

void Routine::build(SymbolTable &symbols) {
  Operation *first = members[0].op;
  MLIRContext *context = first->getContext();
  function = func::FuncOp::create(first->getLoc(), "loops",
                                  FunctionType::get(context, {}, {}));
  function.setPrivate();
  function.setNoInline(true);
  symbols.insert(function);
  builder = OpBuilder::atBlockBegin(function.addEntryBlock());

  DenseMap<OpOperand *, Value> replaced;
  for (unsigned i = 0; i < members[0].outside.size(); ++i) {
    Column column;
    for (const Candidate &member : members)
      column.push_back(member.outside[i]->get());
    replaced[members[0].outside[i]] = replace(column);
  }
  function.setFunctionType(
      FunctionType::get(context, function.getBody().getArgumentTypes(), {}));
  for (auto [i, member] : llvm::enumerate(members)) {
    SmallVector<Value> operands;
    for (const Column &parameter : parameters)
      operands.push_back(parameter[i]);
    OpBuilder caller(member.op);
    func::CallOp::create(caller, member.op->getLoc(), function, operands);
  }
  first->moveBefore(&function.getBody().front(),
                    function.getBody().front().end());
  for (auto [operand, value] : replaced)
    operand->set(value);
  builder->setInsertionPointToEnd(&function.getBody().front());
  func::ReturnOp::create(*builder, function.getLoc());
  for (const Candidate &member : members.drop_front())
    member.op->erase();
}

namespace {
struct ShareLoops : impl::ShareLoopsBase<ShareLoops> {
  using ShareLoopsBase::ShareLoopsBase;

  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    DenseSet<Operation *> erased;
    for (Group &group : findGroups(getOperation())) {
      llvm::erase_if(group.members, [&](const Candidate &member) {
        return erased.contains(member.op);
      });
      if (group.members.size() < 2)
        continue;
      for (const Candidate &member : llvm::drop_begin(group.members))
        member.op->walk([&](Operation *inner) { erased.insert(inner); });
      Routine(group.members).build(symbols);
      ++routineCount;
    }
  }
};
} // namespace
} // namespace ssmc::cpu
