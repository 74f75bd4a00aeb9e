//===- ChunkTensor.cpp - arithmetic by the meaning of axes ----------------===//

#include "compiler/Transforms/Forms/ChunkTensor.h"

#include "dialects/Ssm/SsmDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ssmc {

int64_t ChunkTensor::extent(Dim dim) const {
  unsigned axis = llvm::find(dims, dim) - dims.begin();
  return cast<RankedTensorType>(value.getType()).getDimSize(axis);
}

ChunkTensor ChunkTensor::renamed(Dim from, Dim to) const {
  ChunkTensor copy = *this;
  llvm::replace(copy.dims, from, to);
  return copy;
}

/// Time first, then tile labels, then the others.
static bool comesBefore(Dim a, Dim b) {
  if ((a < 0) != (b < 0))
    return a < 0;
  return a < 0 ? a > b : a < b;
}

Dims ChunkArithmetic::allDims(ArrayRef<ChunkTensor> tensors) {
  Dims all;
  for (const ChunkTensor &tensor : tensors)
    for (Dim dim : tensor.dims)
      if (llvm::none_of(all, [&](auto &pair) { return pair.first == dim; }))
        all.push_back({dim, tensor.extent(dim)});
  llvm::sort(all,
             [](auto &a, auto &b) { return comesBefore(a.first, b.first); });
  return all;
}

Type ChunkArithmetic::typeOf(const Dims &dims, Type element) {
  if (dims.empty())
    return element;
  SmallVector<int64_t> shape;
  for (auto [dim, extent] : dims)
    shape.push_back(extent);
  return RankedTensorType::get(shape, element);
}

static SmallVector<Dim, 4> namesOf(const Dims &dims) {
  SmallVector<Dim, 4> names;
  for (auto [dim, extent] : dims)
    names.push_back(dim);
  return names;
}

/// The axes of `tensor` in its own order.
static Dims ownDims(const ChunkTensor &tensor) {
  Dims dims;
  for (Dim dim : tensor.dims)
    dims.push_back({dim, tensor.extent(dim)});
  return dims;
}

ChunkTensor ChunkArithmetic::constant(double value, const Dims &dims) {
  Type type = typeOf(dims, builder.getF32Type());
  TypedAttr attribute = builder.getF32FloatAttr(value);
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    attribute = DenseElementsAttr::get(tensor, static_cast<float>(value));
  return {arith::ConstantOp::create(builder, loc, attribute), namesOf(dims)};
}

ChunkTensor ChunkArithmetic::unit(Dim dim, int64_t extent, int64_t position) {
  SmallVector<float> elements(extent, 0);
  elements[position] = 1;
  auto type = RankedTensorType::get({extent}, builder.getF32Type());
  auto attribute = DenseElementsAttr::get(type, ArrayRef<float>(elements));
  return {arith::ConstantOp::create(builder, loc, attribute), {dim}};
}

//===----------------------------------------------------------------------===//
// Axes
//===----------------------------------------------------------------------===//

/// The letters of `dims` in an `ssm.contract`.
static std::string lettersOf(ArrayRef<Dim> dims, SmallVectorImpl<Dim> &known) {
  std::string letters;
  for (Dim dim : dims) {
    size_t i = llvm::find(known, dim) - known.begin();
    if (i == known.size())
      known.push_back(dim);
    letters += static_cast<char>('a' + i);
  }
  return letters;
}

ChunkTensor ChunkArithmetic::permute(const ChunkTensor &tensor,
                                     ArrayRef<Dim> dims) {
  if (ArrayRef<Dim>(tensor.dims) == dims)
    return tensor;
  SmallVector<Dim> known;
  std::string axes = lettersOf(tensor.dims, known);
  axes += "->" + lettersOf(dims, known);
  Dims extents;
  for (Dim dim : dims)
    extents.push_back({dim, tensor.extent(dim)});
  auto op = ssm::ContractOp::create(
      builder, loc, typeOf(extents, getElementTypeOrSelf(tensor.value)),
      builder.getStringAttr(axes), ValueRange{tensor.value});
  return {op, llvm::to_vector<4>(dims)};
}

ChunkTensor ChunkArithmetic::align(const ChunkTensor &tensor,
                                   const Dims &dims) {
  SmallVector<Dim, 4> names = namesOf(dims);
  if (tensor.dims == names)
    return tensor;
  FloatAttr scalar;
  DenseFPElementsAttr elements;
  if (matchPattern(tensor.value, m_Constant(&scalar)))
    return constant(scalar.getValueAsDouble(), dims);
  if (matchPattern(tensor.value, m_Constant(&elements)) && elements.isSplat())
    return constant(elements.getSplatValue<APFloat>().convertToDouble(), dims);

  if (getElementTypeOrSelf(tensor.value).isInteger(1)) {
    // Conditions are repeated as numbers.
    ChunkTensor one = constant(1, ownDims(tensor));
    ChunkTensor zero = constant(0, ownDims(tensor));
    ChunkTensor number = {arith::SelectOp::create(builder, loc, tensor.value,
                                                  one.value, zero.value),
                          tensor.dims};
    ChunkTensor wide = align(number, dims);
    return {arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::ONE,
                                  wide.value, constant(0, dims).value),
            names};
  }
  SmallVector<Dim, 4> own;
  SmallVector<int64_t> axes;
  for (auto [axis, dim] : llvm::enumerate(names))
    if (tensor.has(dim)) {
      own.push_back(dim);
      axes.push_back(axis);
    }
  if (own.empty())
    return {tensor::SplatOp::create(builder, loc, tensor.value,
                                    typeOf(dims, builder.getF32Type())),
            names};
  ChunkTensor ordered = permute(tensor, own);
  if (own.size() == names.size())
    return ordered;
  return {ssm::BroadcastOp::create(
              builder, loc, typeOf(dims, builder.getF32Type()), ordered.value,
              constant(0, dims).value, builder.getDenseI64ArrayAttr(axes)),
          names};
}

ChunkTensor ChunkArithmetic::slice(const ChunkTensor &tensor, Dim dim,
                                   int64_t position) {
  auto type = cast<RankedTensorType>(tensor.value.getType());
  SmallVector<OpFoldResult> offsets, sizes, strides;
  Dims rest;
  for (auto [i, own] : llvm::enumerate(tensor.dims)) {
    bool sliced = own == dim;
    offsets.push_back(builder.getIndexAttr(sliced ? position : 0));
    sizes.push_back(builder.getIndexAttr(sliced ? 1 : type.getDimSize(i)));
    strides.push_back(builder.getIndexAttr(1));
    if (!sliced)
      rest.push_back({own, type.getDimSize(i)});
  }
  if (rest.empty()) {
    Value index = arith::ConstantIndexOp::create(builder, loc, position);
    return {tensor::ExtractOp::create(builder, loc, tensor.value, index), {}};
  }
  return {tensor::ExtractSliceOp::create(
              builder, loc,
              cast<RankedTensorType>(typeOf(rest, type.getElementType())),
              tensor.value, offsets, sizes, strides),
          namesOf(rest)};
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

template <typename Op>
ChunkTensor ChunkArithmetic::binary(const ChunkTensor &a,
                                    const ChunkTensor &b) {
  Dims dims = allDims({a, b});
  return {Op::create(builder, loc, align(a, dims).value, align(b, dims).value),
          namesOf(dims)};
}

ChunkTensor ChunkArithmetic::add(const ChunkTensor &a, const ChunkTensor &b) {
  return binary<arith::AddFOp>(a, b);
}
ChunkTensor ChunkArithmetic::subtract(const ChunkTensor &a,
                                      const ChunkTensor &b) {
  return binary<arith::SubFOp>(a, b);
}
ChunkTensor ChunkArithmetic::scale(const ChunkTensor &coefficient,
                                   const ChunkTensor &tensor, bool resets) {
  ChunkTensor product = multiply(coefficient, tensor);
  return resets ? unlessZero(product, coefficient, coefficient.dims) : product;
}

ChunkTensor ChunkArithmetic::unlessZero(const ChunkTensor &tensor,
                                        const ChunkTensor &coefficients,
                                        ArrayRef<Dim> kept) {
  ChunkTensor size = coefficients, zero = constant(0);
  if (size.dims.size() > kept.size())
    size = contract(absolute(size), constant(1), kept);
  return select(equals(size, zero), zero, tensor);
}

ChunkTensor ChunkArithmetic::divide(const ChunkTensor &a,
                                    const ChunkTensor &b) {
  return binary<arith::DivFOp>(a, b);
}
ChunkTensor ChunkArithmetic::maximum(const ChunkTensor &a,
                                     const ChunkTensor &b) {
  return binary<arith::MaximumFOp>(a, b);
}

ChunkTensor ChunkArithmetic::multiply(const ChunkTensor &a,
                                      const ChunkTensor &b) {
  Dims dims = allDims({a, b});
  bool splat = matchPattern(a.value, m_Constant()) ||
               matchPattern(b.value, m_Constant());
  if (splat || a.dims.size() == b.dims.size())
    if (splat || llvm::all_of(a.dims, [&](Dim dim) { return b.has(dim); }))
      return binary<arith::MulFOp>(a, b);
  return contract(a, b, namesOf(dims));
}

ChunkTensor ChunkArithmetic::contract(const ChunkTensor &a,
                                      const ChunkTensor &b,
                                      ArrayRef<Dim> result) {
  SmallVector<Dim> known;
  std::string axes = lettersOf(a.dims, known) + ",";
  axes += lettersOf(b.dims, known);
  Dims dims;
  for (Dim dim : result)
    if (a.has(dim) || b.has(dim))
      dims.push_back({dim, (a.has(dim) ? a : b).extent(dim)});
  axes += "->" + lettersOf(namesOf(dims), known);
  return {ssm::ContractOp::create(
              builder, loc, typeOf(dims, builder.getF32Type()),
              builder.getStringAttr(axes), ValueRange{a.value, b.value}),
          namesOf(dims)};
}

ChunkTensor ChunkArithmetic::solve(const ChunkTensor &matrix,
                                   const ChunkTensor &input,
                                   ssm::SolveOp like) {
  Dims leading;
  for (auto [dim, extent] : allDims({matrix, input}))
    if (dim < 0)
      leading.push_back({dim, extent});
  auto whole = [&](const ChunkTensor &tensor, RankedTensorType type) {
    Dims dims = leading;
    for (auto [axis, extent] : llvm::enumerate(type.getShape()))
      dims.push_back({static_cast<Dim>(axis), extent});
    return align(tensor, dims);
  };
  ChunkTensor sides = whole(input, like.getInput().getType());
  return {ssm::SolveOp::create(builder, loc, sides.value.getType(),
                               whole(matrix, like.getMatrix().getType()).value,
                               sides.value),
          sides.dims};
}

ChunkTensor ChunkArithmetic::absolute(const ChunkTensor &tensor) {
  return {math::AbsFOp::create(builder, loc, tensor.value), tensor.dims};
}

ChunkTensor ChunkArithmetic::equals(const ChunkTensor &a,
                                    const ChunkTensor &b) {
  Dims dims = allDims({a, b});
  return {arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OEQ,
                                align(a, dims).value, align(b, dims).value),
          namesOf(dims)};
}

ChunkTensor ChunkArithmetic::select(const ChunkTensor &condition,
                                    const ChunkTensor &a,
                                    const ChunkTensor &b) {
  Dims dims = allDims({condition, a, b});
  ChunkTensor wide =
      condition.dims.empty() ? condition : align(condition, dims);
  return {arith::SelectOp::create(builder, loc, wide.value,
                                  align(a, dims).value, align(b, dims).value),
          namesOf(dims)};
}

SmallVector<ChunkTensor>
ChunkArithmetic::elementwiseAll(Operation *op, ArrayRef<ChunkTensor> operands) {
  Dims dims = allDims(operands);
  SmallVector<Value> values;
  for (const ChunkTensor &operand : operands)
    values.push_back(align(operand, dims).value);
  SmallVector<Type> types;
  for (Type type : op->getResultTypes())
    types.push_back(typeOf(dims, getElementTypeOrSelf(type)));
  OperationState state(op->getLoc(), op->getName(), values, types,
                       op->getDiscardableAttrDictionary().getValue());
  state.propertiesAttr = op->getPropertiesAsAttribute();
  SmallVector<ChunkTensor> results;
  for (Value result : builder.create(state)->getResults())
    results.push_back({result, namesOf(dims)});
  return results;
}

ChunkTensor ChunkArithmetic::elementwise(Operation *op,
                                         ArrayRef<ChunkTensor> operands,
                                         unsigned result) {
  return elementwiseAll(op, operands)[result];
}

} // namespace ssmc
