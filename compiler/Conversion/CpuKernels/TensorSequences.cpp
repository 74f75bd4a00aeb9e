//===- TensorSequences.cpp - sequences of a batch that run together -------===//
//
// The product of a matrix that all sequences share with something of each, as
// a rule a state, is one product of matrices for several sequences: what is
// read of the matrix serves all of them. Such sequences go through time side
// by side. At each step come the shared products of all, in the order of the
// body, then the rest of the body, sequence by sequence.
//
//===----------------------------------------------------------------------===//

#include "compiler/Conversion/CpuKernels/RecurrenceBody.h"
#include "compiler/Conversion/CpuKernels/TensorRecurrenceEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace ssmc;

/// Sequences of a group: enough for arithmetic, not for memory, to bind.
static constexpr int64_t mostTogether = 8;
/// Between what sequences have next to each other in scratch memory, of which
/// a block uses parts: a cache line, so that these do not evict each other.
static constexpr int64_t gapFloats = 16;

//===----------------------------------------------------------------------===//
// What sequences share
//===----------------------------------------------------------------------===//

/// The factor of `contract` that differs between sequences, if the other one is
/// a matrix and the same for all.
static Value findOwnFactor(ssm::ContractOp contract,
                           const llvm::DenseSet<Value> &differing) {
  if (contract.getInputs().size() != 2 || !hasSum(contract))
    return {};
  for (unsigned i : {0, 1}) {
    Value own = contract.getInputs()[i], shared = contract.getInputs()[1 - i];
    StringRef ownAxes = contract.getInputAxes()[i];
    bool isMatrix =
        llvm::any_of(contract.getInputAxes()[1 - i], [&](char letter) {
          return contract.getResultAxes().contains(letter) &&
                 !ownAxes.contains(letter);
        });
    if (isMatrix && differing.contains(own) && !differing.contains(shared) &&
        isa<RankedTensorType>(own.getType()))
      return own;
  }
  return {};
}

void TensorRecurrence::findSharedProducts() {
  if (op.hasChunk() || !op.getTileLabels().empty() || extents[batch] == 1)
    return;
  // Of the values that differ between sequences, some can be computed where
  // they are read as soon as the products before them are there.
  llvm::DenseSet<Value> differing, late;
  Block &body = op.getBody().front();
  for (BlockArgument argument : body.getArguments()) {
    unsigned i = argument.getArgNumber();
    if (i >= op.getInputs().size() || carries(op.getInputLabels(i), batch))
      differing.insert(argument);
  }
  for (Operation &inner : body.without_terminator()) {
    bool differs = false, isLate = !TensorEmitter::isLazy(&inner);
    inner.walk([&](Operation *any) {
      for (Value operand : any->getOperands()) {
        differs |= differing.contains(operand);
        isLate |= late.contains(operand);
      }
    });
    if (!differs)
      continue;
    auto contract = dyn_cast<ssm::ContractOp>(inner);
    if (Value own = contract ? findOwnFactor(contract, differing) : Value())
      if (!late.contains(own)) {
        products.push_back({contract, own, {}, {}});
        isLate = false;
      }
    differing.insert_range(inner.getResults());
    if (isLate)
      late.insert_range(inner.getResults());
  }
}

/// Whether sequences have all that `inner` computes before they run one by one.
bool TensorRecurrence::isEmittedTogether(Operation *inner) {
  return llvm::any_of(products, [&](const SharedProduct &product) {
    return product.op == inner || (product.own.getDefiningOp() == inner &&
                                   inner->getNumResults() == 1);
  });
}

//===----------------------------------------------------------------------===//
// Groups
//===----------------------------------------------------------------------===//

void TensorRecurrence::forGroups(function_ref<void()> fn) {
  Value one = e.index(1), all = extents[batch] == 1 ? one : e.batch;
  if (products.empty()) {
    sequences = one;
    return e.forLoop(e.begin, e.end, one, [&](Value item) {
      // Rounds have the sequences inside, others outside.
      if (blocks) {
        firstSequence = e.rem(item, all);
        line = e.div(item, all);
      } else {
        Value positions = e.index(countPositions(op));
        firstSequence = e.div(item, positions);
        line = e.rem(item, positions);
      }
      fn();
    });
  }
  auto divideUp = [&](Value a, Value c) {
    return e.div(e.add(a, e.sub(c, one)), c);
  };
  // As many groups as must be, of about one size.
  Value size = divideUp(all, divideUp(all, e.index(mostTogether)));
  e.forLoop(e.div(e.begin, all), divideUp(e.end, all), one, [&](Value at) {
    line = at;
    Value start = e.mul(line, all);
    Value later = arith::MaxUIOp::create(b, e.loc, e.begin, start);
    Value from = e.sub(later, start), to = e.min(e.sub(e.end, start), all);
    e.forLoop(from, to, size, [&](Value first) {
      firstSequence = first;
      sequences = e.min(size, e.sub(to, first));
      fn();
    });
  });
}

void TensorRecurrence::forSequences(function_ref<void(Value)> fn) {
  if (products.empty()) {
    position[batch] = firstSequence;
    return fn(e.index(0));
  }
  e.forLoop(e.index(0), sequences, e.index(1), [&](Value sequence) {
    position[batch] = e.add(firstSequence, sequence);
    fn(sequence);
  });
}

SmallVector<int64_t> TensorRecurrence::forTogether(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> all{products.empty() ? 1 : mostTogether};
  all.append(shape.begin(), shape.end());
  return all;
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

Place TensorRecurrence::allocateTogether(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  int64_t size = type.getNumElements() + gapFloats;
  Place memory = t.allocate(forTogether({size}));
  ownMemory.push_back(memory);
  Place place =
      t.rowMajor(memory.buffer, memory.offset, forTogether(type.getShape()));
  place.strides[0] = e.index(size);
  return place;
}

void TensorRecurrence::emitProducts(const Form &form, const Stages &stages,
                                    ArrayRef<Place> states) {
  for (SharedProduct &product : products) {
    ArrayRef before(products.data(), &product);
    Value own = product.own;
    auto argument = dyn_cast<BlockArgument>(own);
    const auto *same = llvm::find_if(
        before, [&](const SharedProduct &other) { return other.own == own; });
    if (argument && argument.getArgNumber() >= op.getInputs().size()) {
      product.owns = states[argument.getArgNumber() - op.getInputs().size()];
    } else if (same != before.end()) {
      product.owns = same->owns;
    } else {
      product.owns = allocateTogether(own);
      forSequences([&](Value sequence) {
        setInputs(form, stages, Stage::last, /*copies=*/nullptr);
        setStates(form, llvm::map_to_vector(states, [&](const Place &place) {
                    return t.step(place, sequence);
                  }));
        setProducts(before, sequence);
        Place place = t.step(product.owns, sequence);
        t.forNeeded(own, place.shape, [&](const Position &at) {
          t.store(place, at, t.evaluate(own, at));
        });
      });
    }
    product.results = allocateTogether(product.op.getResult());
    t.emitTogether(product.op, own, product.owns, product.results, sequences);
  }
}

void TensorRecurrence::setProducts(ArrayRef<SharedProduct> some,
                                   Value sequence) {
  for (SharedProduct product : some) {
    t.setPlace(product.own, t.step(product.owns, sequence));
    t.setPlace(product.op.getResult(), t.step(product.results, sequence));
  }
}

void TensorRecurrence::releaseProducts() {
  for (const Place &place : ownMemory)
    t.release(place);
  ownMemory.clear();
}
