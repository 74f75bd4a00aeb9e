/// Sums of products over named axes.

#include "compiler/Interpreter/Evaluator.h"
#include "dialects/Ssm/SsmDialect.h"

using namespace mlir;

namespace ssmc::interpreter {

/// The stride of each letter in a value with these axes, zero for a letter that
/// it lacks.
static SmallVector<int64_t> stridesOf(StringRef letters, StringRef axes,
                                      ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides;
  SmallVector<int64_t> own = rowMajorStrides(shape);
  for (char letter : letters) {
    size_t axis = axes.find(letter);
    strides.push_back(axis == StringRef::npos ? 0 : own[axis]);
  }
  return strides;
}

/// Adds to `result`, which has the axes `kept`, the product of `values`, summed
/// over their other axes, times `sign`.
template <typename T>
static void addTerm(Frame<T> &frame, ArrayRef<StringRef> groups,
                    ValueRange values, T sign, StringRef kept,
                    Array<T> &result) {
  std::string summed;
  llvm::SmallDenseMap<char, int64_t> extents;
  for (auto [axes, value] : llvm::zip_equal(groups, values))
    for (auto [letter, extent] : llvm::zip_equal(axes, frame.get(value).shape))
      if (extents.try_emplace(letter, extent).second && !kept.contains(letter))
        summed += letter;
  auto extentsOf = [&](StringRef letters) {
    return llvm::map_to_vector(letters, [&](char l) { return extents[l]; });
  };

  // Per operand: the values, how many in a lane, and where its element for
  // each index of the result and each index of the sum is.
  struct Factor {
    const T *data;
    int64_t perLane;
    std::vector<int64_t> kept, summed;
  };
  SmallVector<Factor, 2> factors;
  for (auto [axes, value] : llvm::zip_equal(groups, values)) {
    const Array<T> &array = frame.get(value);
    auto offsets = [&, axes = axes](StringRef letters) {
      return enumerateOffsets(extentsOf(letters),
                              stridesOf(letters, axes, array.shape));
    };
    factors.push_back({array.floats.data(), countElements(array.shape),
                       offsets(kept), offsets(summed)});
  }

  T *out = result.floats.data();
  size_t terms = factors[0].summed.size();
  for (int64_t lane = 0; lane < frame.lanes; ++lane) {
    for (size_t i = 0; i < factors[0].kept.size(); ++i) {
      T sum = 0;
      for (size_t j = 0; j < terms; ++j) {
        T product = 1;
        for (const Factor &factor : factors)
          product *= factor.data[lane * factor.perLane + factor.kept[i] +
                                 factor.summed[j]];
        sum += product;
      }
      *out++ += sign * sum;
    }
  }
}

template <typename T>
static LogicalResult evaluateContract(ssm::ContractOp op, Frame<T> &frame) {
  llvm::SmallDenseMap<char, int64_t> extents;
  for (auto [axes, value] : llvm::zip_equal(op.getInputAxes(), op.getInputs()))
    for (auto [letter, extent] :
         llvm::zip_equal(axes, frame.get(value).shape)) {
      auto [known, inserted] = extents.try_emplace(letter, extent);
      if (known->second != extent)
        return op.emitOpError("expected axis '")
               << letter << "' to have extent " << known->second << ", got "
               << extent;
    }

  StringRef kept = op.getResultAxes();
  Array<T> result = frame.zeros(
      llvm::map_to_vector(kept, [&](char l) { return extents[l]; }));
  auto values = op.getInputs();
  for (const ssm::ContractOp::Term &term : op.getTerms()) {
    size_t factors = term.groups.size();
    addTerm<T>(frame, term.groups, values.take_front(factors),
               term.subtracted ? -1 : 1, kept, result);
    values = values.drop_front(factors);
  }
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T> void addContractRules(Rules<T> &rules) {
  rules.template add<ssm::ContractOp>(evaluateContract<T>);
}

template void addContractRules(Rules<float> &);
template void addContractRules(Rules<double> &);

} // namespace ssmc::interpreter
