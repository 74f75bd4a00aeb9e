//===- LoopEmitter.cpp - small builders for loops -------------------------===//

#include "compiler/Conversion/CpuKernels/LoopEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;
using namespace ssmc;

/// Marks routines by their name; the symbol may differ, for kernels are named
/// by the model.
static constexpr StringLiteral routineAttrName = "plan.routine";

LoopEmitter::LoopEmitter(func::FuncOp function)
    : builder(OpBuilder::atBlockEnd(&function.getBody().front())),
      loc(function.getLoc()), function(function) {}

void LoopEmitter::finish() { func::ReturnOp::create(builder, loc); }

Value LoopEmitter::index(int64_t value) {
  // One of each, where it dominates all uses: address arithmetic asks for
  // thousands, and removing doubles took most of the time of lowering.
  Value &known = indices[value];
  if (!known) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&function.getBody().front());
    known = arith::ConstantIndexOp::create(builder, loc, value);
  }
  return known;
}
Value LoopEmitter::add(Value a, Value b) {
  return builder.createOrFold<arith::AddIOp>(loc, a, b);
}
Value LoopEmitter::sub(Value a, Value b) {
  return builder.createOrFold<arith::SubIOp>(loc, a, b);
}
Value LoopEmitter::mul(Value a, Value b) {
  return builder.createOrFold<arith::MulIOp>(loc, a, b);
}
Value LoopEmitter::div(Value a, Value b) {
  return builder.createOrFold<arith::DivUIOp>(loc, a, b);
}
Value LoopEmitter::rem(Value a, Value b) {
  return builder.createOrFold<arith::RemUIOp>(loc, a, b);
}
Value LoopEmitter::min(Value a, Value b) {
  return builder.createOrFold<arith::MinUIOp>(loc, a, b);
}

Type LoopEmitter::laneType(int64_t lanes) {
  return VectorType::get(lanes, builder.getF32Type());
}

Value LoopEmitter::constant(double value, int64_t lanes) {
  auto type = cast<VectorType>(laneType(lanes));
  return arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(type, builder.getF32FloatAttr(value).getValue()));
}

void LoopEmitter::forLoop(Value from, Value to, Value step,
                          function_ref<void(Value)> body) {
  auto loop = scf::ForOp::create(builder, loc, from, to, step);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

void LoopEmitter::forLanes(Value from, int64_t size,
                           function_ref<void(Value, int64_t)> body) {
  int64_t whole = size / laneCount * laneCount;
  if (whole == laneCount)
    body(from, laneCount);
  else if (whole)
    forLoop(from, add(from, index(whole)), index(laneCount),
            [&](Value first) { body(first, laneCount); });
  if (size % laneCount)
    body(add(from, index(whole)), size % laneCount);
}

void LoopEmitter::callRoutine(
    StringRef name, ValueRange operands,
    function_ref<void(LoopEmitter &, ValueRange)> body) {
  auto module = function->getParentOfType<ModuleOp>();
  func::FuncOp routine;
  for (auto other : module.getOps<func::FuncOp>()) {
    auto known = other->getAttrOfType<StringAttr>(routineAttrName);
    if (known && known.getValue() == name)
      routine = other;
  }
  if (!routine) {
    routine = func::FuncOp::create(
        loc, name, builder.getFunctionType(operands.getTypes(), {}));
    routine->setAttr(routineAttrName, builder.getStringAttr(name));
    routine.setPrivate();
    routine.setNoInline(true);
    SymbolTable(module).insert(routine);
    routine.addEntryBlock();
    LoopEmitter emitter(routine);
    body(emitter, routine.getArguments());
    emitter.finish();
  }
  func::CallOp::create(builder, loc, routine, operands);
}
