#ifndef SSMC_COMPILER_INTERPRETER_ARRAY_H
#define SSMC_COMPILER_INTERPRETER_ARRAY_H

#include "mlir/IR/BuiltinTypes.h"
#include <string>
#include <vector>

namespace ssmc::interpreter {

/// A dense row-major value; a scalar has an empty shape. Floats of every
/// storage type are held as T, integers, indices and truth values as int64_t;
/// the vector that does not apply is empty.
template <typename T> struct Array {
  llvm::SmallVector<int64_t> shape;
  std::vector<T> floats;
  std::vector<int64_t> integers;
};

/// What enters and leaves the interpreter, whatever its precision.
using Tensor = Array<double>;

int64_t countElements(llvm::ArrayRef<int64_t> shape);

/// `2x3`, or `a scalar`, for messages.
std::string shapeText(llvm::ArrayRef<int64_t> shape);

/// The shape of a tensor type, empty for a scalar.
llvm::ArrayRef<int64_t> shapeOf(mlir::Type type);

/// Whether `shape` is an instance of `type`, whose dynamic extents fit any.
bool fits(llvm::ArrayRef<int64_t> shape, mlir::Type type);

/// Elements from one index of an axis to the next.
llvm::SmallVector<int64_t> rowMajorStrides(llvm::ArrayRef<int64_t> shape);

/// The offset of every index into `extents`, the last axis fastest.
std::vector<int64_t> enumerateOffsets(llvm::ArrayRef<int64_t> extents,
                                      llvm::ArrayRef<int64_t> strides);

/// `value` rounded to the nearest that `type` can hold, ties to even.
double roundTo(double value, mlir::FloatType type);

} // namespace ssmc::interpreter

#endif // SSMC_COMPILER_INTERPRETER_ARRAY_H
