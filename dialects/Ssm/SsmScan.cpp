//===- SsmScan.cpp - declared monoids and scans of them -------------------===//
//
// Labels: b batch, l time, c0 c1 ... channels; i state before, j state after;
// n0 n1 ... step axes of elements.
//
//===----------------------------------------------------------------------===//

#include "dialects/Ssm/SsmScan.h"
#include "dialects/Ssm/SsmChunkOps.h"
#include "dialects/Ssm/SsmExpansions.h"
#include "dialects/Ssm/SsmNamedOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include <limits>

using namespace mlir;
using namespace ssmc::ssm;

#define GET_OP_CLASSES
#include "dialects/Ssm/SsmScan.cpp.inc"

//===----------------------------------------------------------------------===//
// ssm.combine
//===----------------------------------------------------------------------===//

LogicalResult CombineOp::inferReturnTypes(MLIRContext *context,
                                          std::optional<Location> location,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &inferred) {
  llvm::append_range(inferred, adaptor.getStates().getTypes());
  return success();
}

LogicalResult CombineOp::verify() {
  if (getStates().empty()) // (C1)
    return emitOpError("expected at least one state");
  if (!hasMerge() && getElements().getTypes() != getStates().getTypes()) // (C3)
    return emitOpError("expected elements of the types of the states, (")
           << getStates().getTypes() << "), without 'merge', got ("
           << getElements().getTypes() << ")";
  return success();
}

LogicalResult CombineOp::verifyRegions() {
  SmallVector<Type> takes(getStates().getTypes());
  llvm::append_range(takes, getElements().getTypes());
  if (failed(verifyRegion(*this, getAct(), "act", takes,
                          getStates().getTypes()))) // (C2)
    return failure();
  if (!hasMerge())
    return success();
  SmallVector<Type> twice(getElements().getTypes());
  llvm::append_range(twice, getElements().getTypes());
  return verifyRegion(*this, getMerge(), "merge", twice,
                      getElements().getTypes()); // (C4)
}

SmallVector<Value> CombineOp::inlineRegion(OpBuilder &builder, Region &region,
                                           ValueRange arguments) {
  IRMapping mapping;
  Block &block = region.front();
  mapping.map(block.getArguments(), arguments);
  for (Operation &op : block.without_terminator())
    builder.clone(op, mapping);
  return llvm::map_to_vector(
      block.getTerminator()->getOperands(),
      [&](Value value) { return mapping.lookupOrDefault(value); });
}

void CombineOp::inlineAll(Operation *root) {
  root->walk([](CombineOp op) {
    OpBuilder builder(op);
    op.replaceAllUsesWith(inlineRegion(builder, op.getAct(), op.getOperands()));
    op.erase();
  });
}

//===----------------------------------------------------------------------===//
// ssm.scan
//===----------------------------------------------------------------------===//

static ArrayRef<int64_t> stepShape(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? tensor.getShape() : ArrayRef<int64_t>();
}

LogicalResult ScanOp::inferReturnTypes(MLIRContext *context,
                                       std::optional<Location> location,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &inferred) {
  ValueRange elements = adaptor.getElements();
  Region &region = *adaptor.getRegions()[0];
  size_t arguments = region.empty() ? 0 : region.getNumArguments();
  if (elements.empty() || arguments != 2 * elements.size()) // (C1)
    return emitOptionalError(location,
                             "expected 'combine' to take one step of "
                             "each element, twice, got ",
                             arguments, " arguments for ", elements.size(),
                             " elements");
  // Axes before those of a step: batch, time and channels; of some, none.
  ArrayRef<int64_t> leading;
  for (auto [element, argument] : llvm::zip(elements, region.getArguments())) {
    ArrayRef<int64_t> step = stepShape(argument.getType());
    ArrayRef<int64_t> shape = stepShape(element.getType());
    if (shape.take_back(step.size()) != step) // (C1)
      return emitOptionalError(
          location, "expected the last axes of ", element.getType(),
          " to be those that 'combine' takes, ", argument.getType());
    if (ShapedType::isDynamicShape(step)) // (C3)
      return emitOptionalError(location,
                               "expected step axes to have fixed "
                               "extents, got ",
                               argument.getType());
    ArrayRef<int64_t> own = shape.drop_back(step.size());
    if (own.empty())
      continue;
    if (leading.empty())
      leading = own;
    if (own != leading) // (C2)
      return emitOptionalError(location,
                               "expected elements to have the same "
                               "batch, time and channel axes or "
                               "none, got ",
                               TypeRange(elements));
  }
  if (leading.size() < 2) // (C2)
    return emitOptionalError(
        location, "expected some element to have a batch and a time axis");
  if (ShapedType::isDynamicShape(leading.drop_front(2))) // (C3)
    return emitOptionalError(location,
                             "expected channel axes to have fixed "
                             "extents, got ",
                             TypeRange(elements));
  auto f32 = Float32Type::get(context);
  if (Value reset = adaptor.getReset()) {
    auto wanted = RankedTensorType::get(leading.take_front(2), f32);
    if (reset.getType() != wanted) // (C5)
      return emitOptionalError(location, "expected 'reset' to be ", wanted,
                               ", got ", reset.getType());
  }
  auto type = [&](ArrayRef<int64_t> before, ArrayRef<int64_t> step) {
    SmallVector<int64_t> shape(before);
    llvm::append_range(shape, step);
    return RankedTensorType::get(shape, f32);
  };
  SmallVector<int64_t> position = {leading[0]}; // without time
  llvm::append_range(position, leading.drop_front(2));
  SmallVector<Type> states;
  for (BlockArgument argument :
       region.getArguments().take_front(elements.size())) {
    ArrayRef<int64_t> step = stepShape(argument.getType());
    inferred.push_back(type(leading, step));
    states.push_back(type(position, step));
  }
  states.push_back(type(position, {}));
  llvm::append_range(inferred, states);
  if (!adaptor.getInit().empty() &&
      adaptor.getInit().getTypes() != TypeRange(states)) // (C4)
    return emitOptionalError(location, "expected 'init' to be (",
                             TypeRange(states), "), got (",
                             adaptor.getInit().getTypes(), ")");
  return success();
}

LogicalResult ScanOp::verifyRegions() {
  SmallVector<Type> steps;
  for (auto argument :
       getCombine().getArguments().take_front(getElements().size()))
    steps.push_back(argument.getType());
  SmallVector<Type> twice = steps;
  llvm::append_range(twice, steps);
  return verifyRegion(*this, getCombine(), "combine", twice, steps); // (C1)
}

/// Whether nothing has come before a step that counts: `begun` is zero, or
/// `reset`, if there is one, is not.
static Value isFresh(RecurrenceBuilder &r, Value begun, Value reset) {
  OpBuilder &b = r.builder;
  Value zero = r.constant(b.getF32Type(), 0.0);
  if (reset) {
    Value test =
        arith::CmpFOp::create(b, r.loc, arith::CmpFPredicate::UNE, reset, zero);
    begun = arith::SelectOp::create(b, r.loc, test, zero, begun);
  }
  return arith::CmpFOp::create(b, r.loc, arith::CmpFPredicate::OEQ, begun,
                               zero);
}

SmallVector<Value> ScanOp::expand(OpBuilder &builder) {
  unsigned count = getElements().size();
  SmallVector<Type> steps;
  SmallVector<SmallVector<std::string>> axes; // step labels of each element
  SmallVector<std::string> channels;
  for (auto argument : getCombine().getArguments().take_front(count)) {
    steps.push_back(argument.getType());
    SmallVector<std::string> &own = axes.emplace_back();
    for (size_t i = 0; i < stepShape(argument.getType()).size(); ++i)
      own.push_back(("n" + Twine(axes.size() - 1) + "_" + Twine(i)).str());
    size_t rank = stepShape(getResult(axes.size() - 1).getType()).size();
    for (size_t i = channels.size(); i + own.size() + 2 < rank; ++i)
      channels.push_back(("c" + Twine(i)).str());
  }
  SmallVector<StringRef> all;
  for (const auto &own : axes)
    llvm::append_range(all, own);
  auto labels = [&](ArrayRef<StringRef> first, unsigned element) {
    SmallVector<StringRef> result(first);
    if (!first.empty())
      llvm::append_range(result, channels);
    if (element < count)
      llvm::append_range(result, axes[element]);
    return result;
  };
  RecurrenceBuilder r(builder, getLoc(), all, getReverse());
  for (auto [i, element] : llvm::enumerate(getElements())) {
    bool constant = stepShape(element.getType()).size() == axes[i].size();
    SmallVector<StringRef> sequence = {"b", "l"};
    if (constant)
      sequence.clear();
    r.input(element, labels(sequence, i));
  }
  std::optional<unsigned> reset = r.optional(getReset(), {"b", "l"});
  for (unsigned i = 0; i < count; ++i)
    r.output(getResult(i).getType(), labels({"b", "l"}, i));
  SmallVector<StringRef> roles = getStateRoles();
  for (auto [i, final] : llvm::enumerate(getFinalStates()))
    r.state(final.getType(), labels({"b"}, i), roles[i],
            getInit().empty() ? Value() : getInit()[i]);
  return r.build([&](ArrayRef<Value> in, ArrayRef<Value> states) {
    ArrayRef<Value> elements = in.take_front(count);
    auto combine = CombineOp::create(builder, getLoc(), steps,
                                     states.drop_back(), elements);
    IRMapping mapping;
    getCombine().cloneInto(&combine.getAct(), mapping);
    Value fresh = isFresh(r, states.back(), reset ? in[*reset] : Value());
    SmallVector<Value> next;
    for (auto [element, combined] : llvm::zip(elements, combine.getResults()))
      next.push_back(
          arith::SelectOp::create(builder, getLoc(), fresh, element, combined));
    SmallVector<Value> yields = next;
    llvm::append_range(yields, next);
    yields.push_back(r.constant(builder.getF32Type(), 1.0));
    return yields;
  });
}

bool ScanOp::isCausal() { return !getReverse(); }
std::string ScanOp::getNonCausalReason() {
  return "runs from the last time step to the first";
}
SmallVector<StringRef> ScanOp::getStateRoles() {
  SmallVector<StringRef> roles(getElements().size(), "recurrent");
  roles.push_back("begun");
  return roles;
}
ResultRange ScanOp::getFinalStates() {
  return getResults().drop_front(getElements().size());
}
MutableOperandRange ScanOp::getInitialStatesMutable() {
  return getInitMutable();
}

//===----------------------------------------------------------------------===//
// ssm.semiring_scan
//===----------------------------------------------------------------------===//

namespace {
/// Sums and products where a sum is the maximum or log sum exp, and a product a
/// sum.
struct SemiringArithmetic : Arithmetic {
  Semiring semiring;

  SemiringArithmetic(OpBuilder &builder, Location loc, Semiring semiring)
      : Arithmetic{builder, loc}, semiring(semiring) {}

  /// What there is at `position` of axis 0 or 1 of `matrix`.
  Value line(Value matrix, unsigned axis, int64_t position) {
    auto type = cast<RankedTensorType>(matrix.getType());
    int64_t size = type.getDimSize(0);
    SmallVector<OpFoldResult> offsets(2, builder.getIndexAttr(0));
    SmallVector<OpFoldResult> sizes(2, builder.getIndexAttr(size));
    SmallVector<OpFoldResult> strides(2, builder.getIndexAttr(1));
    offsets[axis] = builder.getIndexAttr(position);
    sizes[axis] = builder.getIndexAttr(1);
    return tensor::ExtractSliceOp::create(
        builder, loc, RankedTensorType::get({size}, type.getElementType()),
        matrix, offsets, sizes, strides);
  }
  /// `vector` along axis 0 or 1 of a matrix.
  Value spread(Value vector, unsigned axis, Value like) {
    return BroadcastOp::create(builder, loc, like.getType(), vector, like,
                               builder.getDenseI64ArrayAttr({axis}));
  }
  /// result[j] = added[j] + (+)_i vector[i] + matrix[i, j]
  Value apply(Value vector, Value matrix, Value added) {
    auto type = cast<RankedTensorType>(vector.getType());
    SmallVector<Value> elements, terms;
    for (int64_t i = 0; i < type.getDimSize(0); ++i) {
      Value at = arith::ConstantIndexOp::create(builder, loc, i);
      elements.push_back(
          tensor::ExtractOp::create(builder, loc, vector, ValueRange(at)));
    }
    // Relative to the largest: over a long sequence elements grow, and adding
    // the same constant to them at each step would round the same way each
    // time.
    Value largest = elements[0];
    for (Value element : ArrayRef(elements).drop_front())
      largest = maximum(largest, element);
    largest = finiteOrZero(largest);
    for (auto [i, element] : llvm::enumerate(elements))
      terms.push_back(add(
          line(matrix, 0, i),
          tensor::SplatOp::create(builder, loc, type, sub(element, largest))));
    return add(add(added, sum(terms)),
               tensor::SplatOp::create(builder, loc, type, largest));
  }
  /// result[i, j] = (+)_k a[i, k] + b[k, j]
  Value product(Value a, Value b) {
    SmallVector<Value> terms;
    for (int64_t k = 0; k < cast<RankedTensorType>(a.getType()).getDimSize(0);
         ++k)
      terms.push_back(
          add(spread(line(a, 1, k), 0, a), spread(line(b, 0, k), 1, b)));
    return sum(terms);
  }

private:
  /// Zero for minus infinity, the difference to which is not a number.
  Value finiteOrZero(Value x) {
    Type type = x.getType();
    Value nothing = constant(type, -std::numeric_limits<double>::infinity());
    Value isNothing = arith::CmpFOp::create(
        builder, loc, arith::CmpFPredicate::OEQ, x, nothing);
    return arith::SelectOp::create(builder, loc, isNothing, constant(type, 0.0),
                                   x);
  }

  Value sum(ArrayRef<Value> terms) {
    Value largest = terms[0];
    for (Value term : terms.drop_front())
      largest = maximum(largest, term);
    if (semiring == Semiring::max_plus)
      return largest;
    Value reference = finiteOrZero(largest);
    Value total;
    for (Value term : terms) {
      Value part = exp(sub(term, reference));
      total = total ? add(total, part) : part;
    }
    return add(reference, math::LogOp::create(builder, loc, total));
  }
};
} // namespace

SmallVector<Value> SemiringScanOp::expand(OpBuilder &builder) {
  RecurrenceBuilder r(builder, getLoc(), {"i", "j"}, getReverse());
  bool constant =
      cast<RankedTensorType>(getTransition().getType()).getRank() == 2;
  SmallVector<StringRef> labels = {"b", "l", "i", "j"};
  unsigned transition =
      r.input(getTransition(), ArrayRef(labels).drop_front(constant ? 2 : 0));
  unsigned input = r.input(getInput(), {"b", "l", "j"});
  unsigned prior = r.input(getPrior(), {"j"});
  std::optional<unsigned> reset = r.optional(getReset(), {"b", "l"});
  r.output(getY().getType(), {"b", "l", "j"});
  SmallVector<StringRef> roles = getStateRoles();
  SmallVector<StringRef> state = {"b", "j"};
  for (auto [i, final] : llvm::enumerate(getFinal()))
    r.state(final.getType(), ArrayRef(state).take_front(i == 0 ? 2 : 1),
            roles[i], getInit().empty() ? Value() : getInit()[i]);
  return r.build([&](ArrayRef<Value> in, ArrayRef<Value> states) {
    Type vector = in[input].getType(), matrix = in[transition].getType();
    auto combine = CombineOp::create(builder, getLoc(), vector, states[0],
                                     ValueRange{in[transition], in[input]});
    SemiringArithmetic s(builder, getLoc(), getSemiring());
    auto addRegion = [&](Region &region, TypeRange takes,
                         function_ref<SmallVector<Value>(ValueRange)> body) {
      OpBuilder::InsertionGuard guard(builder);
      SmallVector<Location> places(takes.size(), getLoc());
      Block *block = builder.createBlock(&region, {}, takes, places);
      YieldOp::create(builder, getLoc(), body(block->getArguments()));
    };
    addRegion(combine.getAct(), {vector, matrix, vector},
              [&](ValueRange in) -> SmallVector<Value> {
                return {s.apply(in[0], in[1], in[2])};
              });
    // The input of the earlier of two steps lies between their matrices.
    addRegion(combine.getMerge(), {matrix, vector, matrix, vector},
              [&](ValueRange in) -> SmallVector<Value> {
                Value earlier = s.add(in[0], s.spread(in[1], 1, in[0]));
                return {s.product(earlier, in[2]), in[3]};
              });
    Value fresh = isFresh(r, states[1], reset ? in[*reset] : Value());
    Value next = arith::SelectOp::create(builder, getLoc(), fresh,
                                         r.add(in[input], in[prior]),
                                         combine.getResult(0));
    return SmallVector<Value>{next, next,
                              r.constant(builder.getF32Type(), 1.0)};
  });
}

SmallVector<StringRef> SemiringScanOp::getStateRoles() {
  return {"recurrent", "begun"};
}
