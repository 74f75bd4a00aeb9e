#include "dialects/Plan/PlanDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace ssmc::plan;

#include "dialects/Plan/PlanDialect.cpp.inc"
#include "dialects/Plan/PlanEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/Plan/PlanAttributes.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/Plan/PlanOps.cpp.inc"

void PlanDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/Plan/PlanOps.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Plan/PlanAttributes.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// LayoutAttr: <panels16> or <[1, 0]>
//===----------------------------------------------------------------------===//

LayoutAttr LayoutAttr::rowMajor(MLIRContext *context, int64_t rank) {
  return get(context, false, llvm::to_vector(llvm::seq<int64_t>(0, rank)));
}

LayoutAttr LayoutAttr::withLast(MLIRContext *context, int64_t rank,
                                int64_t last) {
  SmallVector<int64_t> permutation;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (axis != last)
      permutation.push_back(axis);
  permutation.push_back(last);
  return get(context, false, permutation);
}

LayoutAttr LayoutAttr::panels(MLIRContext *context) {
  return get(context, true, {});
}

bool LayoutAttr::isRowMajor() const {
  return !getPanels16() && llvm::is_sorted(getPermutation());
}

Attribute LayoutAttr::parse(AsmParser &parser, Type) {
  if (parser.parseLess())
    return {};
  bool panels = succeeded(parser.parseOptionalKeyword("panels16"));
  SmallVector<int64_t> permutation;
  if (!panels &&
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&]() {
        return parser.parseInteger(permutation.emplace_back());
      }))
    return {};
  if (parser.parseGreater())
    return {};
  return get(parser.getContext(), panels, permutation);
}

void LayoutAttr::print(AsmPrinter &printer) const {
  printer << "<";
  if (getPanels16())
    printer << "panels16";
  else
    printer << "[" << getPermutation() << "]";
  printer << ">";
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

LogicalResult DispatchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto kernel =
      symbols.lookupNearestSymbolFrom<func::FuncOp>(*this, getKernelAttr());
  if (!kernel || !kernel->hasAttr(kernelAttrName))
    return emitOpError("expected '")
           << getKernel() << "' to be a function with attribute '"
           << kernelAttrName << "'";
  auto fits = [](TypeRange seen, TypeRange wanted) {
    return succeeded(verifyCompatibleShapes(seen, wanted)) &&
           llvm::equal(seen, wanted, [](Type a, Type b) {
             return getElementTypeOrSelf(a) == getElementTypeOrSelf(b);
           });
  };
  FunctionType wanted = kernel.getFunctionType();
  if (!fits(getOperandTypes(), wanted.getInputs()) ||
      !fits(getResultTypes(), wanted.getResults()))
    return emitOpError("expected operands and results that fit '")
           << getKernel() << "', " << wanted << ", got "
           << FunctionType::get(getContext(), getOperandTypes(),
                                getResultTypes());
  return success();
}

/// Two buffers of one region whose lifetimes meet must not share bytes.
LogicalResult EntryOp::verify() {
  SmallVector<std::pair<RunOp, ArenaAttr>> buffers;
  int64_t limits[] = {static_cast<int64_t>(getArenaFixed()),
                      static_cast<int64_t>(getArenaBatch()),
                      static_cast<int64_t>(getArenaRow())};
  llvm::SmallDenseSet<Attribute> seen;
  int64_t position = -1;
  for (Operation &op : getBody().front()) {
    auto run = dyn_cast<RunOp>(op);
    if (!run)
      return op.emitOpError("expected only 'plan.run' in an entry");
    ++position;
    for (Attribute operand : run.getOperands()) {
      auto arena = dyn_cast<ArenaAttr>(operand);
      if (!arena)
        continue;
      if (arena.getOffset() < 0 || arena.getSize() < 0 ||
          arena.getOffset() + arena.getSize() >
              limits[static_cast<int>(arena.getRegion())])
        return run.emitOpError("expected ")
               << arena << " inside the arena's region";
      if (position < arena.getStart() || position > arena.getEnd())
        return run.emitOpError("expected ")
               << arena << " to live at dispatch " << position;
      if (seen.insert(arena).second)
        buffers.push_back({run, arena});
    }
  }
  for (auto [i, first] : llvm::enumerate(buffers)) {
    for (auto &second : llvm::drop_begin(buffers, i + 1)) {
      ArenaAttr a = first.second, b = second.second;
      bool apart = a.getRegion() != b.getRegion() ||
                   a.getEnd() < b.getStart() || b.getEnd() < a.getStart() ||
                   a.getOffset() + a.getSize() <= b.getOffset() ||
                   b.getOffset() + b.getSize() <= a.getOffset();
      if (!apart)
        return second.first.emitOpError("expected buffers that live together "
                                        "to be apart, got ")
               << a << " and " << b;
    }
  }
  return success();
}
