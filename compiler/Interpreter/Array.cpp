#include "compiler/Interpreter/Array.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace ssmc::interpreter {

int64_t countElements(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

std::string shapeText(ArrayRef<int64_t> shape) {
  if (shape.empty())
    return "a scalar";
  return llvm::join(
      llvm::map_range(shape, [](int64_t e) { return std::to_string(e); }), "x");
}

ArrayRef<int64_t> shapeOf(Type type) {
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    return tensor.getShape();
  return {};
}

bool fits(ArrayRef<int64_t> shape, Type type) {
  ArrayRef<int64_t> wanted = shapeOf(type);
  return wanted.size() == shape.size() &&
         llvm::all_of(llvm::zip(wanted, shape), [](auto pair) {
           auto [want, extent] = pair;
           return ShapedType::isDynamic(want) || want == extent;
         });
}

SmallVector<int64_t> rowMajorStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (size_t axis = shape.size(); axis-- > 0;) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

std::vector<int64_t> enumerateOffsets(ArrayRef<int64_t> extents,
                                      ArrayRef<int64_t> strides) {
  std::vector<int64_t> offsets = {0};
  for (auto [extent, stride] : llvm::zip_equal(extents, strides)) {
    std::vector<int64_t> next;
    next.reserve(offsets.size() * extent);
    for (int64_t offset : offsets)
      for (int64_t i = 0; i < extent; ++i)
        next.push_back(offset + i * stride);
    offsets = std::move(next);
  }
  return offsets;
}

double roundTo(double value, FloatType type) {
  llvm::APFloat rounded(value);
  bool inexact;
  rounded.convert(type.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven,
                  &inexact);
  return rounded.convertToDouble();
}

} // namespace ssmc::interpreter
