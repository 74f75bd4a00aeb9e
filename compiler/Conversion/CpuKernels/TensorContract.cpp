//===- TensorContract.cpp - sums of products of tensors in memory ---------===//
//
// A product of two tensors summed over shared letters runs as tiles of
// registers: with lanes along the sum where its elements are neighbours in
// both (TensorDots), else with lanes along the result (TensorTiles).
//
//===----------------------------------------------------------------------===//

#include "compiler/Conversion/CpuKernels/TensorEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace ssmc;

/// The letter of the sequences in products for several at once.
static constexpr char sequenceLetter = '*';

static bool has(StringRef letters, char letter) {
  return letters.contains(letter);
}

static int64_t extentOf(const Place &place, StringRef letters, char letter) {
  return place.shape[letters.find(letter)];
}

/// The positions of the block along an axis, from `first` on.
Place TensorEmitter::takeRun(const Place &place, unsigned axis, Value first) {
  assert(!place.panels && "expected no panels among a recurrence's operands");
  Place run = place;
  run.offset = e.add(place.offset, e.mul(first, place.strides[axis]));
  run.shape[axis] = block.size;
  return run;
}

void TensorEmitter::emitContract(ssm::ContractOp op) {
  SmallVector<PlacedFactor> factors;
  for (auto [letters, input] :
       llvm::zip_equal(op.getInputAxes(), op.getInputs())) {
    if (isa<RankedTensorType>(input.getType())) {
      factors.push_back({placeOf(input), letters});
      continue;
    }
    // A scalar factor is a tensor without axes.
    Place place = allocate({});
    store(place, {}, scalars.lookup(input));
    factors.push_back({place, letters});
  }
  bool isScalar = !isa<RankedTensorType>(op.getResult().getType());
  Place result = isScalar ? allocate({}) : define(op.getResult());
  emitPart(findPart(op.getResult()), result, op.getResultAxes(), factors);
  if (isScalar) {
    scalars[op.getResult()] = load(result, {});
    release(result);
  }
  for (auto [factor, input] : llvm::zip_equal(factors, op.getInputs()))
    if (!isa<RankedTensorType>(input.getType()))
      release(factor.place);
}

void TensorEmitter::emitTogether(ssm::ContractOp op, Value own,
                                 const Place &owns, const Place &results,
                                 Value count) {
  sequences = count;
  auto withSequences = [](Place place) {
    place.shape[0] = ShapedType::kDynamic;
    return place;
  };
  std::string letters = sequenceLetter + op.getResultAxes().str(), ownLetters;
  SmallVector<PlacedFactor> factors;
  for (auto [axes, input] :
       llvm::zip_equal(op.getInputAxes(), op.getInputs())) {
    if (input != own) {
      factors.push_back({placeOf(input), axes});
      continue;
    }
    ownLetters = sequenceLetter + axes.str();
    factors.push_back({withSequences(owns), ownLetters});
  }
  std::optional<Part> part;
  if (const Part *one = findPart(op.getResult()))
    part = {one->axis + 1, one->offsets};
  emitPart(part ? &*part : nullptr, withSequences(results), letters, factors);
}

void TensorEmitter::emitPart(const Part *part, const Place &result,
                             StringRef letters,
                             ArrayRef<PlacedFactor> factors) {
  if (!part)
    return emitSums(result, letters, factors);
  forRuns(*part, [&](Value first) {
    char letter = letters[part->axis];
    SmallVector<PlacedFactor> some(factors);
    for (PlacedFactor &factor : some)
      if (has(factor.letters, letter))
        factor.place =
            takeRun(factor.place, factor.letters.find(letter), first);
    emitSums(takeRun(result, part->axis, first), letters, some);
  });
}

void TensorEmitter::emitSums(const Place &result, StringRef letters,
                             ArrayRef<PlacedFactor> factors) {
  // Letters whose elements are next to each other in every factor that has
  // them, summed over: lanes can run along them.
  auto contiguous = [&](const PlacedFactor &factor, char letter) {
    return !factor.place.panels && !factor.letters.empty() &&
           factor.letters.back() == letter &&
           getConstantIntValue(factor.place.strides.back()) == 1;
  };
  char last = factors[0].letters.empty() ? 0 : factors[0].letters.back();
  bool dots = last && !has(letters, last) &&
              llvm::all_of(factors, [&](const PlacedFactor &factor) {
                return contiguous(factor, last);
              });
  if (letters.empty() || factors.size() == 1) {
    if (dots)
      return emitDots(result, letters, factors);
    return emitPlainSums(result, letters, factors);
  }
  char lane = letters.back();
  bool shared = has(factors[0].letters, lane) && has(factors[1].letters, lane);
  // Tiles need a sum, and every letter of it in both factors.
  bool sums = false, summedTwice = true;
  for (auto [i, factor] : llvm::enumerate(factors))
    for (char letter : factor.letters) {
      sums |= !has(letters, letter);
      summedTwice &=
          has(letters, letter) || has(factors[1 - i].letters, letter);
    }
  if (shared || !sums || !summedTwice) {
    if (dots)
      return emitDots(result, letters, factors);
    return emitPlainSums(result, letters, factors);
  }
  const PlacedFactor &columns = factors[has(factors[0].letters, lane) ? 0 : 1];
  const PlacedFactor &rows = factors[has(factors[0].letters, lane) ? 1 : 0];
  // How many sequences there are decides nothing: sums are the same for any.
  int64_t rowCount = 1;
  for (char letter : rows.letters)
    if (has(letters, letter) && !has(columns.letters, letter) &&
        letter != sequenceLetter)
      rowCount *= extentOf(rows.place, rows.letters, letter);
  if (dots && rowCount < packedRows && !columns.place.panels)
    return emitDots(result, letters, factors);
  emitTiles(result, letters, rows, columns);
}

//===----------------------------------------------------------------------===//
// Anything else
//===----------------------------------------------------------------------===//

void TensorEmitter::emitPlainSums(const Place &result, StringRef letters,
                                  ArrayRef<PlacedFactor> factors) {
  std::string summed;
  SmallVector<int64_t> extents;
  for (const PlacedFactor &factor : factors)
    for (auto [letter, size] :
         llvm::zip_equal(factor.letters, factor.place.shape))
      if (!has(letters, letter) && !has(summed, letter)) {
        summed += letter;
        extents.push_back(size);
      }
  forSpace(result.shape, [&](const Position &at) {
    SmallVector<Value> index;
    std::function<Value(Value)> add = [&](Value sum) -> Value {
      if (index.size() < summed.size()) {
        auto loop =
            scf::ForOp::create(b, loc, e.index(0),
                               e.index(extents[index.size()]), e.index(1), sum);
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToStart(loop.getBody());
        index.push_back(loop.getInductionVar());
        Value next = add(loop.getRegionIterArgs()[0]);
        index.pop_back();
        scf::YieldOp::create(b, loc, next);
        return loop.getResult(0);
      }
      Value product;
      for (const PlacedFactor &factor : factors) {
        Position inner;
        for (char letter : factor.letters) {
          size_t axis = letters.find(letter);
          if (axis == StringRef::npos) {
            inner.indices.push_back(index[summed.find(letter)]);
            continue;
          }
          if (at.laneAxis == axis) {
            inner.laneAxis = inner.indices.size();
            inner.lanes = at.lanes;
          }
          inner.indices.push_back(at.indices[axis]);
        }
        Value value = load(factor.place, inner);
        if (at.laneAxis && !inner.laneAxis)
          value =
              vector::BroadcastOp::create(b, loc, e.laneType(at.lanes), value);
        product =
            product ? arith::MulFOp::create(b, loc, product, value).getResult()
                    : value;
      }
      return arith::AddFOp::create(b, loc, sum, product);
    };
    store(result, at, add(zero(at)));
  });
}
