#include "compiler/Conversion/CpuKernels/MatmulHarness.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/APFloat.h"
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

CompiledMatmul::CompiledMatmul(int64_t n, int64_t k, WeightType type,
                               const CpuTileShapes &tiles)
    : n(n), k(k), type(type) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  loadJitDialects(context);
  OpBuilder b(&context);
  Location loc = b.getUnknownLoc();
  auto module = OwningOpRef<ModuleOp>(ModuleOp::create(loc));
  b.setInsertionPointToStart(module->getBody());

  auto flat = [](Type type) {
    return MemRefType::get({ShapedType::kDynamic}, type);
  };
  Type f32 = b.getF32Type(), index = b.getIndexType();
  Type weight = type == WeightType::f32    ? f32
                : type == WeightType::bf16 ? b.getBF16Type()
                                           : Type(b.getF16Type());
  auto functionType = b.getFunctionType({flat(f32), flat(weight), flat(f32),
                                         flat(f32), index, index, index, index},
                                        {});
  auto function = func::FuncOp::create(b, loc, "matmul", functionType);
  function->setAttr("llvm.emit_c_interface", b.getUnitAttr());
  Block *body = function.addEntryBlock();
  b.setInsertionPointToStart(body);
  auto args = body->getArguments();
  Value y = args[2], stride = args[5];

  MatmulProblem problem;
  problem.k = k;
  problem.n = n;
  problem.x = args[0];
  problem.w = args[1];
  problem.scratch = args[3];
  problem.rows = args[4];
  problem.tiles = tiles;
  problem.rowOffset = [&](OpBuilder &b, Location loc, Value row) -> Value {
    return arith::MulIOp::create(b, loc, row, stride);
  };
  emitMatmul(
      b, loc, problem, args[6], args[7],
      [&](OpBuilder &b, Location loc, Value row, Value column, Value acc) {
        Value columns = arith::ConstantIndexOp::create(b, loc, n);
        Value start = arith::MulIOp::create(b, loc, row, columns);
        vector::StoreOp::create(
            b, loc, acc, y,
            arith::AddIOp::create(b, loc, start, column).getResult());
      });
  func::ReturnOp::create(b, loc);

  jit = std::make_unique<Jit>(llvm::cantFail(Jit::compile(*module)));
  this->function = llvm::cantFail(jit->lookup<Function>("matmul"));
}

void CompiledMatmul::run(const std::vector<float> &x, int64_t m, int64_t stride,
                         const PackedWeights &w, float *y, float *scratch,
                         int64_t begin, int64_t end) const {
  FlatMemRef<const float> xRef(x.data(), x.size());
  FlatMemRef<const void> wRef(w.data(), w.size());
  FlatMemRef<float> yRef(y, m * n);
  FlatMemRef<float> scratchRef(scratch,
                               getMatmulScratchBytes(k, n) / sizeof(float));
  function(&xRef, &wRef, &yRef, &scratchRef, m, stride, begin, end);
}

} // namespace ssmc::testing
