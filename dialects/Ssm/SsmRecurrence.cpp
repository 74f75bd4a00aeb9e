//===- SsmRecurrence.cpp - the labelled recurrence ------------------------===//

#include "dialects/Ssm/SsmDialect.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace ssmc::ssm;

#define GET_OP_CLASSES
#include "dialects/Ssm/SsmRecurrence.cpp.inc"

//===----------------------------------------------------------------------===//
// Labels
//===----------------------------------------------------------------------===//

/// The labels of operand or result `index` from its ArrayAttr of strings, each
/// one label or two with a space between.
static SmallVector<RecurrenceOp::AxisLabels> labelsOf(ArrayAttr axes,
                                                      unsigned index) {
  SmallVector<RecurrenceOp::AxisLabels> labels;
  for (Attribute axis : cast<ArrayAttr>(axes[index])) {
    RecurrenceOp::AxisLabels parts;
    cast<StringAttr>(axis).getValue().split(parts, ' ');
    labels.push_back(std::move(parts));
  }
  return labels;
}

SmallVector<RecurrenceOp::AxisLabels> RecurrenceOp::getInputLabels(unsigned i) {
  return labelsOf(getInputAxes(), i);
}
SmallVector<RecurrenceOp::AxisLabels>
RecurrenceOp::getOutputLabels(unsigned i) {
  return labelsOf(getOutputAxes(), i);
}
SmallVector<RecurrenceOp::AxisLabels> RecurrenceOp::getStateLabels(unsigned i) {
  return labelsOf(getStateAxes(), i);
}

bool RecurrenceOp::isStepLabel(StringRef label) {
  return llvm::is_contained(getStep().getAsValueRange<StringAttr>(), label);
}

bool RecurrenceOp::isParallelLabel(StringRef label) {
  return label != getSequence() && !isStepLabel(label);
}

namespace {
/// An operand or result with its labels.
struct Labelled {
  SmallVector<RecurrenceOp::AxisLabels> labels;
  RankedTensorType type;
};
} // namespace

static SmallVector<Labelled> allLabelled(ArrayAttr axes, TypeRange types) {
  SmallVector<Labelled> all;
  // Text that is yet to be verified may have more of one than of the other.
  for (unsigned i = 0; i < std::min<size_t>(axes.size(), types.size()); ++i)
    if (auto type = dyn_cast<RankedTensorType>(types[i]))
      all.push_back({labelsOf(axes, i), type});
  return all;
}

static SmallVector<Labelled> allLabelled(RecurrenceOp op) {
  SmallVector<Labelled> all =
      allLabelled(op.getInputAxes(), op.getInputs().getTypes());
  llvm::append_range(
      all, allLabelled(op.getOutputAxes(), op.getOutputs().getTypes()));
  llvm::append_range(all,
                     allLabelled(op.getStateAxes(), op.getFinal().getTypes()));
  return all;
}

static llvm::MapVector<StringRef, int64_t> extentsOf(ArrayRef<Labelled> all) {
  llvm::MapVector<StringRef, int64_t> extents;
  // Insert every label in order of appearance first: the order is part of what
  // this function promises, while extents of split axes come later.
  for (const Labelled &value : all)
    for (const RecurrenceOp::AxisLabels &axis : value.labels)
      for (StringRef label : axis)
        extents.insert({label, ShapedType::kDynamic});
  for (const Labelled &value : all)
    for (auto [axis, extent] : llvm::zip(value.labels, value.type.getShape()))
      if (axis.size() == 1 && !ShapedType::isDynamic(extent))
        extents[axis[0]] = extent;
  for (const Labelled &value : all) {
    for (auto [axis, extent] : llvm::zip(value.labels, value.type.getShape())) {
      if (axis.size() != 2 || ShapedType::isDynamic(extent))
        continue;
      for (unsigned i : {0, 1}) {
        int64_t other = extents[axis[1 - i]];
        if (ShapedType::isDynamic(extents[axis[i]]) && other > 0)
          extents[axis[i]] = extent / other;
      }
    }
  }
  return extents;
}

llvm::MapVector<StringRef, int64_t> RecurrenceOp::getExtents() {
  return extentsOf(allLabelled(*this));
}

llvm::MapVector<StringRef, int64_t> RecurrenceOp::getExtents(ArrayAttr axes,
                                                             TypeRange types) {
  return extentsOf(allLabelled(axes, types));
}

/// The type the body sees of a value with these labels: its step axes.
static Type sliceType(RecurrenceOp op, const Labelled &value) {
  SmallVector<int64_t> shape;
  for (auto [axis, extent] : llvm::zip(value.labels, value.type.getShape()))
    if (axis.size() == 1 && op.isStepLabel(axis[0]))
      shape.push_back(extent);
  Type element = Float32Type::get(op.getContext());
  if (shape.empty())
    return element;
  return RankedTensorType::get(shape, element);
}

//===----------------------------------------------------------------------===//
// The chunk region
//===----------------------------------------------------------------------===//

SmallVector<StringRef> RecurrenceOp::getTileLabels() {
  if (!getTile())
    return {};
  return llvm::to_vector(getTile()->getAsValueRange<StringAttr>());
}

Type RecurrenceOp::getChunkSliceType(ArrayRef<AxisLabels> labels, int64_t size,
                                     ArrayRef<StringRef> tile) {
  llvm::MapVector<StringRef, int64_t> extents = getExtents();
  SmallVector<int64_t> shape;
  for (const AxisLabels &axis : labels)
    for (StringRef label : axis) {
      if (label == getSequence())
        shape.insert(shape.begin(), size);
      else if (isStepLabel(label) || llvm::is_contained(tile, label))
        shape.push_back(extents.lookup(label));
    }
  Type element = Float32Type::get(getContext());
  if (shape.empty())
    return element;
  return RankedTensorType::get(shape, element);
}

SmallVector<Type>
RecurrenceOp::getChunkArgumentTypes(int64_t size, ArrayRef<StringRef> tile) {
  SmallVector<Type> types;
  for (unsigned i = 0; i < getInputs().size(); ++i)
    types.push_back(getChunkSliceType(getInputLabels(i), size, tile));
  for (unsigned i = 0; i < getFinal().size(); ++i)
    types.push_back(getChunkSliceType(getStateLabels(i), size, tile));
  return types;
}

SmallVector<Type> RecurrenceOp::getChunkYieldTypes(int64_t size,
                                                   ArrayRef<StringRef> tile) {
  SmallVector<Type> types;
  for (unsigned i = 0; i < getOutputs().size(); ++i)
    types.push_back(getChunkSliceType(getOutputLabels(i), size, tile));
  for (unsigned i = 0; i < getFinal().size(); ++i)
    types.push_back(getChunkSliceType(getStateLabels(i), size, tile));
  return types;
}

Block &RecurrenceOp::addChunk(int64_t size, ArrayRef<StringRef> tile) {
  assert(!hasChunk() && "expected an op without a chunk region");
  Builder builder(getContext());
  setChunkSizeAttr(builder.getI64IntegerAttr(size));
  if (!tile.empty())
    setTileAttr(builder.getStrArrayAttr(tile));
  Block &block = getChunk().emplaceBlock();
  for (Type type : getChunkArgumentTypes(size, tile))
    block.addArgument(type, getLoc());
  return block;
}

//===----------------------------------------------------------------------===//
// Verification
//===----------------------------------------------------------------------===//

/// "input 2" or "output 0", for messages.
static std::string describe(StringRef kind, unsigned index) {
  return (kind + " " + Twine(index)).str();
}

/// Whether the assembly format can spell `label`.
static bool isLabel(StringRef label) {
  return !label.empty() && (llvm::isAlpha(label[0]) || label[0] == '_') &&
         llvm::all_of(label,
                      [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

static LogicalResult verifyKinds(RecurrenceOp op) {
  SmallVector<StringRef> labels = {op.getSequence()};
  llvm::append_range(labels, op.getStep().getAsValueRange<StringAttr>());
  for (auto [i, label] : llvm::enumerate(labels)) {
    if (!isLabel(label)) // (C1)
      return op.emitOpError("expected labels to be identifiers, got '")
             << label << "'";
    if (llvm::is_contained(ArrayRef(labels).take_front(i), label)) // (C1)
      return op.emitOpError("expected different labels in 'sequence' and "
                            "'step', got '")
             << label << "' twice";
  }
  return success();
}

static LogicalResult verifyLabels(RecurrenceOp op, StringRef kind,
                                  TypeRange types, ArrayAttr axes) {
  if (axes.size() != types.size())
    return op.emitOpError("expected axes for ")
           << types.size() << " " << kind << "s, got " << axes.size();
  for (auto [i, type] : llvm::enumerate(types)) {
    auto list = dyn_cast<ArrayAttr>(axes[i]);
    auto tensor = cast<RankedTensorType>(type);
    if (!list || static_cast<int64_t>(list.size()) != tensor.getRank() ||
        !llvm::all_of(list, llvm::IsaPred<StringAttr>)) // (C1)
      return op.emitOpError("expected one label per axis of ")
             << describe(kind, i) << ", " << type;
    SmallVector<StringRef> seen;
    for (const RecurrenceOp::AxisLabels &axis : labelsOf(axes, i)) {
      if (axis.size() > 2) // (C1)
        return op.emitOpError("expected one or two labels on each axis of ")
               << describe(kind, i) << ", got '" << llvm::join(axis, " ")
               << "'";
      for (StringRef label : axis) {
        if (!isLabel(label)) // (C1)
          return op.emitOpError("expected labels to be identifiers, got '")
                 << label << "'";
        if (llvm::is_contained(seen, label)) // (C1)
          return op.emitOpError("expected different labels on ")
                 << describe(kind, i) << ", got '" << label << "' twice";
        seen.push_back(label);
      }
      if (axis.size() == 2 && (!op.isParallelLabel(axis[0]) ||
                               !op.isParallelLabel(axis[1]))) // (C8)
        return op.emitOpError("expected only parallel labels on a split axis, "
                              "got '")
               << axis[0] << " " << axis[1] << "'";
    }
  }
  return success();
}

static LogicalResult
verifyExtents(RecurrenceOp op, StringRef kind, TypeRange types, ArrayAttr axes,
              const llvm::MapVector<StringRef, int64_t> &extents) {
  for (auto [i, type] : llvm::enumerate(types)) {
    ArrayRef<int64_t> shape = cast<RankedTensorType>(type).getShape();
    for (auto [axis, extent] : llvm::zip(labelsOf(axes, i), shape)) {
      if (op.isStepLabel(axis[0]) && ShapedType::isDynamic(extent)) // (C7)
        return op.emitOpError("expected step axis '")
               << axis[0] << "' of " << describe(kind, i)
               << " to have a fixed extent, got " << type;
      int64_t wanted = 1;
      for (StringRef label : axis) {
        int64_t size = extents.lookup(label);
        wanted = ShapedType::isDynamic(wanted) || ShapedType::isDynamic(size)
                     ? ShapedType::kDynamic
                     : wanted * size;
      }
      if (axis.size() == 2 && ShapedType::isDynamic(wanted)) // (C8)
        return op.emitOpError("expected labels '")
               << axis[0] << "' and '" << axis[1]
               << "' of a split axis to have fixed extents";
      bool agrees = wanted == extent || ShapedType::isDynamic(extent) ||
                    ShapedType::isDynamic(wanted);
      if (!agrees) // (C1)
        return op.emitOpError("expected axis '")
               << llvm::join(axis, " ") << "' of " << describe(kind, i)
               << " to have extent " << wanted << ", got " << extent;
    }
  }
  return success();
}

LogicalResult RecurrenceOp::verify() {
  if (getFinal().empty() && !getInit().empty())
    return emitOpError("expected no 'init' without states");
  if (!getInit().empty() &&
      getInit().getTypes() != getFinal().getTypes()) // (C6)
    return emitOpError("expected 'init' to give every state in its type, (")
           << getFinal().getTypes() << "), got (" << getInit().getTypes()
           << ")";
  if (getRoles().size() != getFinal().size())
    return emitOpError("expected one role per state, got ")
           << getRoles().size() << " for " << getFinal().size() << " states";
  if (failed(verifyKinds(*this)) ||
      failed(verifyLabels(*this, "input", getInputs().getTypes(),
                          getInputAxes())) ||
      failed(verifyLabels(*this, "output", getOutputs().getTypes(),
                          getOutputAxes())) ||
      failed(
          verifyLabels(*this, "state", getFinal().getTypes(), getStateAxes())))
    return failure();
  llvm::MapVector<StringRef, int64_t> extents = getExtents();
  if (failed(verifyExtents(*this, "input", getInputs().getTypes(),
                           getInputAxes(), extents)) ||
      failed(verifyExtents(*this, "output", getOutputs().getTypes(),
                           getOutputAxes(), extents)) ||
      failed(verifyExtents(*this, "state", getFinal().getTypes(),
                           getStateAxes(), extents)))
    return failure();

  for (StringRef label : getStep().getAsValueRange<StringAttr>())
    if (!extents.contains(label)) // (C7)
      return emitOpError("expected step label '") << label << "' on some axis";

  auto carries = [](const Labelled &value, StringRef wanted) {
    return llvm::any_of(value.labels, [&](const AxisLabels &axis) {
      return llvm::is_contained(axis, wanted);
    });
  };
  SmallVector<Labelled> all = allLabelled(*this);
  unsigned firstOutput = getInputs().size();
  unsigned firstState = firstOutput + getOutputs().size();
  bool inInputs = false;
  for (auto [i, value] : llvm::enumerate(all)) {
    bool isOutput = i >= firstOutput && i < firstState;
    bool isState = i >= firstState;
    bool sequential = carries(value, getSequence());
    inInputs |= i < firstOutput && sequential;
    if ((isOutput && !sequential) || (isState && sequential)) // (C2)
      return emitOpError("expected sequence label '")
             << getSequence() << "' in every output and in no state";
    if (!isOutput && !isState)
      continue;
    for (auto [label, extent] : extents)
      if (isParallelLabel(label) && !carries(value, label)) // (C3)
        return emitOpError("expected parallel label '")
               << label << "' in every output and state";
    bool stepSeen = false;
    for (const AxisLabels &axis : value.labels) {
      bool step = isStepLabel(axis[0]);
      if (stepSeen && !step) // (C3)
        return emitOpError("expected step labels after all others in ")
               << (isOutput ? describe("output", i - firstOutput)
                            : describe("state", i - firstState));
      stepSeen |= step;
    }
  }
  if (!inInputs) // (C2)
    return emitOpError("expected sequence label '")
           << getSequence() << "' in some input";
  return success();
}

static LogicalResult verifyChunk(RecurrenceOp op) {
  if (!op.hasChunk()) {
    if (op.getChunkSize() || op.getTile()) // (C9)
      return op.emitOpError("expected neither a chunk size nor tile labels "
                            "without a chunk region");
    return success();
  }
  if (!op.getChunkSize() ||
      static_cast<int64_t>(*op.getChunkSize()) < 1) // (C9)
    return op.emitOpError("expected a chunk region to have a positive size");
  llvm::MapVector<StringRef, int64_t> extents = op.getExtents();
  SmallVector<StringRef> tile = op.getTileLabels();
  for (auto [i, label] : llvm::enumerate(tile)) {
    if (!op.isParallelLabel(label) || !extents.contains(label) ||
        ShapedType::isDynamic(extents.lookup(label))) // (C10)
      return op.emitOpError("expected tile label '")
             << label << "' to be parallel and to have a fixed extent";
    if (llvm::is_contained(ArrayRef(tile).take_front(i), label)) // (C10)
      return op.emitOpError("expected different labels in 'tile', got '")
             << label << "' twice";
  }
  SmallVector<Type> arguments =
      op.getChunkArgumentTypes(*op.getChunkSize(), tile);
  Block &chunk = op.getChunk().front();
  if (chunk.getArgumentTypes() != TypeRange(arguments)) // (C11)
    return op.emitOpError("expected the chunk region to take (")
           << arguments << "), got (" << chunk.getArgumentTypes() << ")";
  SmallVector<Type> yields = op.getChunkYieldTypes(*op.getChunkSize(), tile);
  auto yield = dyn_cast<YieldOp>(chunk.back());
  if (!yield || yield.getOperandTypes() != TypeRange(yields)) // (C12)
    return op.emitOpError("expected the chunk region to yield (")
           << yields << "), got ("
           << (yield ? TypeRange(yield.getOperandTypes()) : TypeRange()) << ")";
  return success();
}

LogicalResult RecurrenceOp::verifyRegions() {
  SmallVector<Labelled> all = allLabelled(*this);
  unsigned firstOutput = getInputs().size();
  unsigned firstState = firstOutput + getOutputs().size();
  SmallVector<Type> arguments, yields;
  for (auto [i, value] : llvm::enumerate(all)) {
    Type slice = sliceType(*this, value);
    if (i < firstOutput || i >= firstState)
      arguments.push_back(slice);
    if (i >= firstOutput)
      yields.push_back(slice);
  }
  Block &body = getBody().front();
  if (body.getArgumentTypes() != TypeRange(arguments)) // (C4)
    return emitOpError("expected the body to take (")
           << arguments << "), got (" << body.getArgumentTypes() << ")";
  auto yield = dyn_cast<YieldOp>(body.back());
  if (!yield || yield.getOperandTypes() != TypeRange(yields)) // (C5)
    return emitOpError("expected the body to yield (")
           << yields << "), got ("
           << (yield ? TypeRange(yield.getOperandTypes()) : TypeRange()) << ")";
  return verifyChunk(*this);
}

//===----------------------------------------------------------------------===//
// SequenceOpInterface
//===----------------------------------------------------------------------===//

bool RecurrenceOp::isCausal() { return !getReverse(); }

std::string RecurrenceOp::getNonCausalReason() {
  return "runs from the last time step to the first";
}

SmallVector<StringRef> RecurrenceOp::getStateRoles() {
  return llvm::to_vector(getRoles().getAsValueRange<StringAttr>());
}

ResultRange RecurrenceOp::getFinalStates() { return getFinal(); }

MutableOperandRange RecurrenceOp::getInitialStatesMutable() {
  return getInitMutable();
}
