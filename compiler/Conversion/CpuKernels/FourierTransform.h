#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_FOURIERTRANSFORM_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_FOURIERTRANSFORM_H
/// Fourier transforms inside an AOT CPU kernel, of sixteen real sequences at
/// once whose length is known only at run time.
///
/// Point p of a buffer holds one element of each sequence. Sequences i and i+8
/// are the real and imaginary part of one complex sequence, so a point is eight
/// complex numbers and no arithmetic crosses lanes. The length is a power of
/// two; the code does not grow with it.
///
/// Frequencies come out in digit-reversed order, which the inverse takes. The
/// transforms are routines that all kernels of a module share.
#include "compiler/Conversion/CpuKernels/LoopEmitter.h"
#include <array>

namespace ssmc {

/// Eight complex numbers: two vectors of eight floats.
struct ComplexLanes {
  mlir::Value re, im;
};

class FourierTransform {
public:
  /// The shortest length.
  static constexpr int64_t minLength = 16;

  /// Bytes of `count` buffers and the tables for a length of at most `length`.
  static int64_t getScratchBytes(int64_t length, int64_t count) {
    return length * 4 * (2 + 17 * count);
  }

  /// Transforms of `length` points, at least minLength, in `scratch`; the
  /// buffers follow the tables.
  FourierTransform(LoopEmitter &emitter, mlir::Value scratch,
                   mlir::Value length);
  mlir::Value getLength() { return length; }
  mlir::Value getScratch() { return scratch; }

  /// Where buffer `number` begins in scratch.
  mlir::Value buffer(int64_t number);
  /// Where point `index` of a buffer begins.
  mlir::Value point(mlir::Value buffer, mlir::Value index);

  // Calls of routines.
  /// Writes the tables; comes before all others.
  void prepare();
  /// Transforms a buffer in place, without a factor.
  void forward(mlir::Value buffer);
  void inverse(mlir::Value buffer);
  /// Replaces spectrum `a` by the spectrum of the sixteen sequences' circular
  /// convolutions with those of `b`, divided by the length.
  void multiply(mlir::Value a, mlir::Value b);

private:
  /// Numbers W^j, W^2j, W^3j of one butterfly, W = exp(-2 pi i / m).
  using Twiddles = std::array<std::pair<mlir::Value, mlir::Value>, 3>;
  void
  call(llvm::StringRef name, mlir::ValueRange buffers,
       llvm::function_ref<void(FourierTransform &own, mlir::ValueRange buffers)>
           body);
  void emitTables();
  void emitForward(mlir::Value buffer);
  void emitInverse(mlir::Value buffer);
  void emitMultiply(mlir::Value a, mlir::Value b);
  /// Calls `body` once for every pair of frequencies k and -k with the places
  /// where they begin; for 0 and the middle one the two are one place.
  void forPairs(
      mlir::Value a, mlir::Value b,
      llvm::function_ref<void(mlir::Value aPositive, mlir::Value aNegative,
                              mlir::Value bPositive, mlir::Value bNegative)>
          body);
  ComplexLanes load(mlir::Value place);
  void store(ComplexLanes value, mlir::Value place);

  /// Where the table for blocks of `m` points begins.
  mlir::Value table(mlir::Value m);
  Twiddles loadTwiddles(mlir::Value table, mlir::Value quarter, mlir::Value j);

  /// Points before point `index`, left-out lines counted. Additive for an index
  /// below a power of two and multiples of it that lie in one gap or span some.
  mlir::Value padded(mlir::Value index);

  /// Calls `body(base, m)` for the blocks of m points that are transformed by
  /// two steps of radix 4, in an order that finishes small blocks first, and
  /// `leaf(base)` for the blocks that are left.
  void forBlocks(bool forward,
                 llvm::function_ref<void(mlir::Value, mlir::Value)> body,
                 llvm::function_ref<void(mlir::Value)> leaf, mlir::Value top);
  /// A butterfly of the four points from `first` on, `stride` apart.
  void step(bool forward, mlir::Value first, mlir::Value stride,
            const Twiddles &twiddles);
  /// One step of radix 4 over the block of m points at `base`.
  void radix4(bool forward, mlir::Value buffer, mlir::Value base,
              mlir::Value m);
  /// Two steps of radix 4, with what is between them in the first-level cache.
  void radix16(bool forward, mlir::Value buffer, mlir::Value base,
               mlir::Value m);
  /// The last 4 or 8 points.
  void leaf(bool forward, mlir::Value buffer, mlir::Value base, int64_t radix);

  std::array<ComplexLanes, 4> butterfly(bool forward,
                                        std::array<ComplexLanes, 4> x);
  ComplexLanes add(ComplexLanes a, ComplexLanes b);
  ComplexLanes sub(ComplexLanes a, ComplexLanes b);
  /// a times w, or times its conjugate.
  ComplexLanes mul(ComplexLanes a, std::pair<mlir::Value, mlir::Value> w,
                   bool conjugate);
  mlir::Value splat(double value);
  mlir::Value shiftRight(mlir::Value value, mlir::Value bits);

  LoopEmitter &e;
  mlir::Value scratch; // memref<?xf32>
  mlir::Value length;
  mlir::Value leafPoints; // 4 or 8, such that length / leafPoints = 4^steps
  mlir::Value steps;      // of radix 4
  mlir::Value lineBits;   // log2 of the points between left-out lines
};

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_FOURIERTRANSFORM_H
