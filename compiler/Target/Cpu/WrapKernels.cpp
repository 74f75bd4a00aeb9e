#include "compiler/Target/Cpu/Passes.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Index/IR/IndexDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Interfaces/VectorInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

namespace ssmc {
#define GEN_PASS_DEF_WRAPKERNELS
#include "compiler/Target/Cpu/Passes.h.inc"
} // namespace ssmc

using namespace mlir;
using namespace ssmc;

namespace {
// `struct ssmc_kernel_args` of ssmc/abi.h: two pointers, two int64.
enum ArgsField { argsBuffers, argsStrides, argsBatch, argsLength };

// The arguments that follow buffers and strides.
enum TrailingArg { batchArg, lengthArg, scratchArg, beginArg, endArg };
constexpr unsigned trailingArgs = 5;

// What abi.h promises of `scratch`, in bytes.
constexpr int64_t scratchAlignment = 64;
} // namespace

static bool isVectorOfMemory(Type type, bool onlyF32) {
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref || memref.getRank() != 1 || !memref.isDynamicDim(0) ||
      !memref.getLayout().isIdentity() || memref.getMemorySpace())
    return false;
  Type element = memref.getElementType();
  if (onlyF32)
    return element.isF32();
  return element.isF32() || element.isBF16() || element.isF16() ||
         element.isSignlessInteger(64) || element.isSignlessInteger(32);
}

static unsigned bufferCount(func::FuncOp kernel) {
  return (kernel.getNumArguments() - trailingArgs) / 2;
}

static LogicalResult verifySignature(func::FuncOp kernel) {
  FunctionType type = kernel.getFunctionType();
  unsigned count = type.getNumInputs();
  bool good = count >= trailingArgs && (count - trailingArgs) % 2 == 0 &&
              type.getNumResults() == 0 && !kernel.isExternal();
  unsigned buffers = good ? bufferCount(kernel) : 0;
  for (unsigned i = 0; good && i < count; ++i) {
    Type input = type.getInput(i);
    if (i < buffers)
      good = isVectorOfMemory(input, /*onlyF32=*/false);
    else if (i == 2 * buffers + scratchArg)
      good = isVectorOfMemory(input, /*onlyF32=*/true);
    else
      good = input.isIndex();
  }
  if (!good)
    return kernel.emitOpError(
               "expected a kernel with a body, no result and the arguments N x "
               "'memref<?xT>' with T f32, bf16, f16, i64 or i32, N x 'index', "
               "'index', 'index', 'memref<?xf32>', 'index', 'index', got ")
           << type;
  return success();
}

/// Holds for the ops of these dialects that become instructions on any target.
static bool becomesInstructions(Operation *op) {
  if (isa<math::FmaOp, math::SqrtOp, math::AbsFOp, math::AbsIOp, math::FloorOp,
          math::CeilOp, math::TruncOp, math::RoundEvenOp, math::CopySignOp>(op))
    return true;
  if (isa<func::ReturnOp, func::CallOp, memref::AllocaOp, memref::LoadOp,
          memref::StoreOp, memref::SubViewOp, memref::CastOp,
          memref::ReinterpretCastOp, memref::ExpandShapeOp,
          memref::CollapseShapeOp, memref::ExtractStridedMetadataOp,
          memref::GetGlobalOp, memref::DimOp, memref::PrefetchOp,
          affine::AffineApplyOp>(op))
    return true;
  if (isa<arith::RemFOp>(op)) // a call of fmodf
    return false;
  return isa<arith::ArithDialect, cf::ControlFlowDialect, index::IndexDialect,
             scf::SCFDialect, vector::VectorDialect, ub::UBDialect>(
      op->getDialect());
}

/// Half floats may be moved, converted and stored, not computed with.
static bool computesInHalf(Operation *op) {
  if (!isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) ||
      isa<arith::ConstantOp, arith::BitcastOp, arith::SelectOp, arith::ExtFOp,
          arith::TruncFOp>(op))
    return false;
  return llvm::any_of(op->getOperandTypes(), [](Type type) {
    Type element = getElementTypeOrSelf(type);
    return element.isBF16() || element.isF16();
  });
}

static LogicalResult verifyOp(Operation *op) {
  if (!becomesInstructions(op))
    return op->emitOpError(
        "expected only ops that need no library in a kernel");
  if (computesInHalf(op))
    return op->emitOpError("expected arithmetic on f32, got ")
           << op->getOperand(0).getType();
  if (auto call = dyn_cast<func::CallOp>(op)) {
    auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
        op, call.getCalleeAttr());
    if (!callee || callee.isExternal() || !callee.isPrivate())
      return call.emitOpError("expected a private function with a body, got '")
             << call.getCallee() << "'";
  }
  if (isa<vector::LoadOp, vector::StoreOp>(op)) {
    auto type = isa<vector::LoadOp>(op)
                    ? cast<vector::LoadOp>(op).getVectorType()
                    : cast<vector::StoreOp>(op).getVectorType();
    if (type.getRank() > 1)
      return op->emitOpError("expected a vector of one dimension, got ")
             << type;
  }
  return success();
}

/// Refuses uses that need the size of a buffer.
static LogicalResult verifyNoSize(func::FuncOp kernel) {
  for (BlockArgument argument : kernel.getArguments()) {
    if (!isa<MemRefType>(argument.getType()))
      continue;
    for (Operation *user : argument.getUsers()) {
      auto transfer = dyn_cast<VectorTransferOpInterface>(user);
      bool outside = transfer && transfer.hasOutOfBoundsDim();
      if (outside ||
          isa<memref::DimOp, memref::CastOp, memref::ExtractStridedMetadataOp>(
              user))
        return user->emitOpError("expected no use of the size of argument ")
               << argument.getArgNumber() << ", which no caller passes";
    }
  }
  return success();
}

static LogicalResult verifyKernel(func::FuncOp kernel) {
  if (failed(verifySignature(kernel)) || failed(verifyNoSize(kernel)))
    return failure();
  return success();
}

/// Describes the memory at `pointer` as a memref of `type`.
static Value buildMemRef(OpBuilder &b, Location loc,
                         const LLVMTypeConverter &types, MemRefType type,
                         Value pointer) {
  auto descriptor = MemRefDescriptor::poison(b, loc, types.convertType(type));
  descriptor.setAllocatedPtr(b, loc, pointer);
  descriptor.setAlignedPtr(b, loc, pointer);
  descriptor.setConstantOffset(b, loc, 0);
  descriptor.setConstantStride(b, loc, 0, 1);
  // The size stays poison: verifyNoSize has made sure that nothing reads it.
  return UnrealizedConversionCastOp::create(b, loc, type, Value(descriptor))
      .getResult(0);
}

/// What the dialect plan says of a kernel is of no use below.
static void dropPlanAttributes(func::FuncOp function) {
  auto isPlan = [](NamedAttribute attribute) {
    return attribute.getName().getValue().starts_with("plan.");
  };
  SmallVector<NamedAttribute> kept(function->getDiscardableAttrs());
  llvm::erase_if(kept, isPlan);
  function->setDiscardableAttrs(kept);
  for (unsigned i = 0, e = function.getNumArguments(); i < e; ++i) {
    DictionaryAttr attributes = function.getArgAttrDict(i);
    if (!attributes)
      continue;
    SmallVector<NamedAttribute> ofArgument(attributes.getValue());
    llvm::erase_if(ofArgument, isPlan);
    function.setArgAttrs(i, ofArgument);
  }
}

/// Turns memref arguments into pointers and indices into i64, and makes the
/// function private.
static void lowerBodySignature(func::FuncOp body,
                               const LLVMTypeConverter &types) {
  MLIRContext *context = body.getContext();
  Block &entry = body.front();
  auto b = OpBuilder::atBlockBegin(&entry);
  Type pointer = LLVM::LLVMPointerType::get(context);
  unsigned scratch = 2 * bufferCount(body) + scratchArg;
  SmallVector<Type> inputs;
  for (BlockArgument argument : entry.getArguments()) {
    auto memref = dyn_cast<MemRefType>(argument.getType());
    argument.setType(memref ? pointer : b.getI64Type());
    inputs.push_back(argument.getType());
    Location loc = argument.getLoc();
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : argument.getUses())
      uses.push_back(&use);
    Value value =
        memref ? buildMemRef(b, loc, types, memref, argument)
               : arith::IndexCastOp::create(b, loc, b.getIndexType(), argument);
    for (OpOperand *use : uses)
      use->set(value);
  }
  body.setFunctionType(b.getFunctionType(inputs, {}));
  body.setPrivate();

  dropPlanAttributes(body);
  // Operands may be one buffer, for work in place; scratch is the thread's own.
  body.setArgAttr(scratch, LLVM::LLVMDialect::getNoAliasAttrName(),
                  b.getUnitAttr());
  body.setArgAttr(scratch, LLVM::LLVMDialect::getAlignAttrName(),
                  b.getI64IntegerAttr(scratchAlignment));
}

/// Loads element `index` of the array of `type` at `base`.
static Value loadElement(OpBuilder &b, Location loc, Type type, Value base,
                         int32_t index) {
  Value address = LLVM::GEPOp::create(b, loc, base.getType(), type, base,
                                      ArrayRef<LLVM::GEPArg>{index},
                                      LLVM::GEPNoWrapFlags::inbounds);
  return LLVM::LoadOp::create(b, loc, type, address);
}

/// Creates the public function that unpacks the argument record for `body`.
static void buildEntry(func::FuncOp body, StringRef name, unsigned buffers) {
  OpBuilder b(body);
  Location loc = body.getLoc();
  Type pointer = LLVM::LLVMPointerType::get(b.getContext());
  Type i64 = b.getI64Type();
  auto entry = func::FuncOp::create(
      b, loc, name, b.getFunctionType({pointer, pointer, i64, i64}, {}));
  entry->setAttr("plan.kernel", b.getUnitAttr());
  Block *block = entry.addEntryBlock();
  b.setInsertionPointToStart(block);

  // All four fields are eight bytes wide.
  Value record = block->getArgument(0);
  Value bases = loadElement(b, loc, pointer, record, argsBuffers);
  Value strides = loadElement(b, loc, pointer, record, argsStrides);
  SmallVector<Value> operands;
  for (unsigned i = 0; i < buffers; ++i)
    operands.push_back(loadElement(b, loc, pointer, bases, i));
  for (unsigned i = 0; i < buffers; ++i)
    operands.push_back(loadElement(b, loc, i64, strides, i));
  operands.push_back(loadElement(b, loc, i64, record, argsBatch));
  operands.push_back(loadElement(b, loc, i64, record, argsLength));
  llvm::append_range(operands, block->getArguments().drop_front());
  func::CallOp::create(b, loc, body, operands);
  func::ReturnOp::create(b, loc);
}

namespace {
struct WrapKernels : ssmc::impl::WrapKernelsBase<WrapKernels> {
  void runOnOperation() override {
    SmallVector<func::FuncOp> kernels;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function->hasAttr("plan.kernel"))
        kernels.push_back(function);
    for (func::FuncOp kernel : kernels)
      if (failed(verifyKernel(kernel)))
        return signalPassFailure();
    WalkResult walk = getOperation().walk([](Operation *op) {
      if (isa<ModuleOp, func::FuncOp, memref::GlobalOp>(op))
        return WalkResult::advance();
      return WalkResult(verifyOp(op));
    });
    if (walk.wasInterrupted())
      return signalPassFailure();

    // The conversion of functions forgets `no_inline`, but keeps these.
    Builder builder(&getContext());
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function.getNoInline())
        function->setAttr("passthrough", builder.getStrArrayAttr({"noinline"}));

    LLVMTypeConverter types(&getContext());
    for (func::FuncOp kernel : kernels) {
      std::string name = kernel.getName().str();
      unsigned buffers = bufferCount(kernel);
      kernel.setName(name + ".body");
      lowerBodySignature(kernel, types);
      buildEntry(kernel, name, buffers);
    }
  }
};
} // namespace
