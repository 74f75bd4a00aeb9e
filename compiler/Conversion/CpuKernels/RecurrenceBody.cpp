//===- RecurrenceBody.cpp - nests of a recurrence's body ------------------===//

#include "compiler/Conversion/CpuKernels/RecurrenceBody.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace ssmc;

bool ssmc::hasSum(ssm::ContractOp op) {
  return getLetters(op).size() > op.getResultAxes().size();
}

SmallVector<std::pair<char, int64_t>> ssmc::getLetters(ssm::ContractOp op) {
  SmallVector<std::pair<char, int64_t>> letters;
  for (auto [group, input] : llvm::zip(op.getInputAxes(), op.getInputs())) {
    auto type = dyn_cast<RankedTensorType>(input.getType());
    for (auto [i, letter] : llvm::enumerate(group))
      if (llvm::none_of(letters,
                        [l = letter](auto &e) { return e.first == l; }))
        letters.push_back({letter, type.getDimSize(i)});
  }
  return letters;
}

int64_t ssmc::product(ArrayRef<int64_t> extents) {
  int64_t count = 1;
  for (int64_t extent : extents)
    count *= extent;
  return count;
}

static SmallVector<int64_t> extentsOf(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? SmallVector<int64_t>(tensor.getShape())
                : SmallVector<int64_t>();
}

RecurrenceBody::RecurrenceBody(ssm::RecurrenceOp op)
    : op(op), inPlace(op.getFinal().size(), true),
      largestReader(op.getBody().getNumArguments(), 0),
      nestOfState(op.getFinal().size()) {
  Block &body = op.getBody().front();
  for (auto contract : body.getOps<ssm::ContractOp>()) {
    if (!hasSum(contract))
      continue;
    SmallVector<int64_t> extents;
    for (auto [letter, extent] : getLetters(contract))
      extents.push_back(extent);
    addRoot({NestRoot::sum, contract.getResult(), 0},
            getStage(contract.getResult()) - 1, extents);
  }
  OperandRange yields = body.getTerminator()->getOperands();
  unsigned outputs = op.getOutputs().size();
  for (auto [i, value] : llvm::enumerate(yields)) {
    bool isOutput = i < outputs;
    NestRoot root{isOutput ? NestRoot::output : NestRoot::state, value,
                  static_cast<unsigned>(isOutput ? i : i - outputs)};
    addRoot(root, getStage(value), extentsOf(value.getType()));
  }
  // Within a stage nothing depends on another nest of the stage; among them the
  // order of the extents is as good as any, and always the same.
  llvm::sort(nests, [](const Nest &a, const Nest &b) {
    return std::tie(a.stage, a.extents) < std::tie(b.stage, b.extents);
  });

  for (auto [number, nest] : llvm::enumerate(nests))
    for (const NestRoot &root : nest.roots)
      if (root.kind == NestRoot::state)
        nestOfState[root.number] = number;
  for (auto [number, nest] : llvm::enumerate(nests)) {
    for (const NestRoot &root : nest.roots) {
      SmallVector<int> indices = llvm::to_vector(
          llvm::seq<int>(0, static_cast<int>(nest.extents.size())));
      if (root.kind != NestRoot::sum) {
        noteReads(root.value, indices, number);
        continue;
      }
      auto contract = root.value.getDefiningOp<ssm::ContractOp>();
      auto letters = getLetters(contract);
      for (auto [group, input] :
           llvm::zip(contract.getInputAxes(), contract.getInputs())) {
        SmallVector<int> inner;
        for (char letter : group)
          inner.push_back(
              llvm::find_if(letters,
                            [&](auto &e) { return e.first == letter; }) -
              letters.begin());
        noteReads(input, inner, number);
      }
    }
  }
}

unsigned RecurrenceBody::getStage(Value value) const {
  Operation *maker = value.getDefiningOp();
  if (!maker)
    return 0;
  if (auto known = stages.find(value); known != stages.end())
    return known->second;
  unsigned stage = 0;
  for (Value operand : maker->getOperands())
    stage = std::max(stage, getStage(operand));
  if (auto contract = dyn_cast<ssm::ContractOp>(maker))
    stage += hasSum(contract);
  return stages[value] = stage;
}

void RecurrenceBody::addRoot(NestRoot root, unsigned stage,
                             ArrayRef<int64_t> extents) {
  for (Nest &nest : nests) {
    if (nest.stage == stage && ArrayRef<int64_t>(nest.extents) == extents) {
      nest.roots.push_back(root);
      return;
    }
  }
  nests.push_back({stage, SmallVector<int64_t>(extents), {root}});
}

void RecurrenceBody::noteReads(Value value, ArrayRef<int> indices,
                               unsigned nest) {
  unsigned inputs = op.getInputs().size();
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    int64_t &reader = largestReader[argument.getArgNumber()];
    if (!indices.empty()) // a scalar needs no index
      reader = std::max(reader, product(nests[nest].extents));
    if (argument.getArgNumber() < inputs)
      return;
    unsigned state = argument.getArgNumber() - inputs;
    bool sameElement = nestOfState[state] == nest;
    for (auto [i, axis] : llvm::enumerate(indices))
      sameElement &= axis == static_cast<int>(i);
    inPlace[state] = inPlace[state] && sameElement;
    return;
  }
  Operation *maker = value.getDefiningOp();
  if (auto contract = dyn_cast<ssm::ContractOp>(maker)) {
    if (hasSum(contract))
      return; // read in the nest of its own
    StringRef result = contract.getResultAxes();
    for (auto [group, input] :
         llvm::zip(contract.getInputAxes(), contract.getInputs())) {
      SmallVector<int> inner;
      for (char letter : group)
        inner.push_back(indices[result.find(letter)]);
      noteReads(input, inner, nest);
    }
    return;
  }
  // An op that changes shape reads elements that `indices` does not tell.
  bool samePlace = !isa<tensor::ExtractOp, tensor::FromElementsOp>(maker);
  for (Value operand : maker->getOperands()) {
    size_t rank = extentsOf(operand.getType()).size();
    SmallVector<int> inner(rank, -1);
    if (samePlace && rank == indices.size())
      inner.assign(indices.begin(), indices.end());
    noteReads(operand, inner, nest);
  }
}
