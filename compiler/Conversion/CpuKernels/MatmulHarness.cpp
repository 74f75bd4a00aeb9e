#include "compiler/Conversion/CpuKernels/MatmulHarness.h"
#include "dialects/Plan/PlanDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/Support/ErrorHandling.h"
#include <cstring>

using namespace mlir;

namespace ssmc::testing {

const char *toString(WeightType type) {
  return type == WeightType::f32    ? "f32"
         : type == WeightType::bf16 ? "bf16"
                                    : "f16";
}

int64_t getByteSize(WeightType type) { return type == WeightType::f32 ? 4 : 2; }

static llvm::APFloat convert(WeightType type, float value) {
  llvm::APFloat result(value);
  bool losesInfo;
  if (type != WeightType::f32)
    result.convert(type == WeightType::bf16 ? llvm::APFloat::BFloat()
                                            : llvm::APFloat::IEEEhalf(),
                   llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return result;
}

void roundTo(WeightType type, std::vector<float> &values) {
  for (float &value : values) {
    llvm::APFloat rounded = convert(type, value);
    bool losesInfo;
    rounded.convert(llvm::APFloat::IEEEsingle(),
                    llvm::APFloat::rmNearestTiesToEven, &losesInfo);
    value = rounded.convertToFloat();
  }
}

PackedWeights::PackedWeights(WeightType type, int64_t n, int64_t k,
                             const std::vector<float> &w)
    : elements((n + panelWidth - 1) / panelWidth * panelWidth * k),
      bytes(elements * getByteSize(type)) {
  int64_t size = getByteSize(type);
  for (int64_t row = 0; row < n; ++row)
    for (int64_t column = 0; column < k; ++column) {
      uint64_t bits =
          convert(type, w[row * k + column]).bitcastToAPInt().getZExtValue();
      int64_t element =
          (row / panelWidth * k + column) * panelWidth + row % panelWidth;
      std::memcpy(bytes.data() + element * size, &bits, size);
    }
}

/// func.func @matmul(x, w, y, their strides, batch, length, scratch, begin,
/// end), where `length` is M and the stride of `x` is that of its rows.
static OwningOpRef<ModuleOp> emitModule(MLIRContext &context, int64_t n,
                                        int64_t k, WeightType weightType,
                                        const CpuTileShapes &tiles) {
  OpBuilder b(&context);
  Location loc = b.getUnknownLoc();
  auto module = OwningOpRef<ModuleOp>(ModuleOp::create(loc));
  b.setInsertionPointToStart(module->getBody());

  auto flat = [](Type type) -> Type {
    return MemRefType::get({ShapedType::kDynamic}, type);
  };
  Type f32 = b.getF32Type(), index = b.getIndexType();
  Type weight = weightType == WeightType::f32    ? f32
                : weightType == WeightType::bf16 ? Type(b.getBF16Type())
                                                 : Type(b.getF16Type());
  auto function = func::FuncOp::create(
      b, loc, "matmul",
      b.getFunctionType({flat(f32), flat(weight), flat(f32), index, index,
                         index, index, index, flat(f32), index, index},
                        {}));
  function->setAttr(plan::kernelAttrName, b.getUnitAttr());
  function.addEntryBlock();
  LoopEmitter e(function);
  auto args = function.getArguments();
  Value y = args[2], rowStride = args[3];

  MatmulProblem problem;
  problem.k = k;
  problem.n = n;
  problem.x = args[0];
  problem.w = args[1];
  problem.rows = args[7];
  problem.scratch = args[8];
  problem.tiles = tiles;
  problem.rowOffset = [&](Value row) { return e.mul(row, rowStride); };
  emitMatmul(
      e, problem, args[9], args[10], [&](Value row, Value column, Value acc) {
        Value start = e.mul(row, e.index(n));
        vector::StoreOp::create(e.builder, e.loc, acc, y, e.add(start, column));
      });
  e.finish();
  return module;
}

static LoadedKernels load(int64_t n, int64_t k, WeightType type,
                          const CpuTileShapes &tiles) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  loadKernelDialects(context);
  FailureOr<LoadedKernels> kernels =
      LoadedKernels::load(*emitModule(context, n, k, type, tiles));
  if (failed(kernels))
    llvm::report_fatal_error("expected the product to compile");
  return std::move(*kernels);
}

CompiledMatmul::CompiledMatmul(int64_t n, int64_t k, WeightType type,
                               const CpuTileShapes &tiles)
    : type(type), kernels(load(n, k, type, tiles)) {}

void CompiledMatmul::run(const std::vector<float> &x, int64_t m, int64_t stride,
                         const PackedWeights &w, float *y, float *scratch,
                         int64_t begin, int64_t end) const {
  void *buffers[] = {const_cast<float *>(x.data()),
                     const_cast<void *>(w.data()), y};
  int64_t strides[] = {stride, 0, 0};
  ssmc_kernel_args args{buffers, strides, /*batch=*/1, /*length=*/m};
  kernels[0](&args, scratch, begin, end);
}

} // namespace ssmc::testing
