//===- MoveFactors.cpp - factors of a sum to where they are few -----------===//

#include "compiler/Conversion/CpuKernels/Passes.h"
#include "compiler/Conversion/CpuKernels/RecurrenceBody.h"
#include "compiler/Conversion/CpuKernels/TensorRecurrence.h"

using namespace mlir;

namespace ssmc::cpu {
#define GEN_PASS_DEF_MOVEFACTORS
#include "compiler/Conversion/CpuKernels/Passes.h.inc"

namespace {
/// A value and its axes, in the letters of the sum at hand.
struct Factor {
  Value value;
  std::string letters;
};

class MoveFactors : public impl::MoveFactorsBase<MoveFactors> {
public:
  using MoveFactorsBase::MoveFactorsBase;
  void runOnOperation() override;

private:
  void moveFactors(ssm::RecurrenceOp recurrence);
};
} // namespace

/// The two factors of `product`, whose axes are `letters`, if it is one.
static std::optional<std::pair<Factor, Factor>> factorsOf(Value product,
                                                          StringRef letters) {
  Operation *maker = product.getDefiningOp();
  if (isa_and_nonnull<arith::MulFOp>(maker))
    return std::make_pair(Factor{maker->getOperand(0), letters.str()},
                          Factor{maker->getOperand(1), letters.str()});
  auto contract = dyn_cast_if_present<ssm::ContractOp>(maker);
  if (!contract || hasSum(contract) || contract.getInputs().size() != 2)
    return std::nullopt;
  SmallVector<Factor> factors;
  for (auto [group, input] :
       llvm::zip(contract.getInputAxes(), contract.getInputs())) {
    Factor factor{input, ""};
    for (char letter : group)
      factor.letters += letters[contract.getResultAxes().find(letter)];
    factors.push_back(factor);
  }
  return std::make_pair(factors[0], factors[1]);
}

void MoveFactors::runOnOperation() {
  getOperation()->walk([&](ssm::RecurrenceOp op) {
    if (!runsOnTensors(op))
      moveFactors(op);
  });
}

void MoveFactors::moveFactors(ssm::RecurrenceOp recurrence) {
  RecurrenceBody body(recurrence);
  auto isShared = [&](const Factor &factor) {
    return !body.usesLanes(factor.value);
  };
  for (auto sum : llvm::make_early_inc_range(
           recurrence.getBody().front().getOps<ssm::ContractOp>())) {
    if (!hasSum(sum) || sum.getInputs().size() != 2)
      continue;
    SmallVector<StringRef> groups(sum.getInputAxes());
    Factor large{sum.getInputs()[0], groups[0].str()},
        small{sum.getInputs()[1], groups[1].str()};
    if (isShared(large))
      std::swap(large, small);
    std::optional<std::pair<Factor, Factor>> factors =
        factorsOf(large.value, large.letters);
    if (!factors || isShared(large) || !isShared(small))
      continue;
    auto [moved, rest] = *factors;
    if (!isShared(moved))
      std::swap(moved, rest);
    auto isInSmall = [&](char letter) {
      return StringRef(small.letters).contains(letter);
    };
    if (!isShared(moved) || isShared(rest) ||
        !llvm::all_of(moved.letters, isInSmall))
      continue;
    OpBuilder builder(sum);
    Value scaled = ssm::ContractOp::create(
        builder, sum.getLoc(), small.value.getType(),
        moved.letters + "," + small.letters + "->" + small.letters,
        ValueRange{moved.value, small.value});
    sum.setAxes(rest.letters + "," + small.letters + "->" +
                sum.getResultAxes().str());
    sum.getInputsMutable().assign({rest.value, scaled});
    ++movedCount;
  }
}

} // namespace ssmc::cpu
