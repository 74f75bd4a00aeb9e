#include "dialects/Ssm/SsmConvolutions.h"

using namespace mlir;
using namespace ssmc::ssm;

#define GET_OP_CLASSES
#include "dialects/Ssm/SsmConvolutions.cpp.inc"

//===----------------------------------------------------------------------===//
// ssm.long_conv
//===----------------------------------------------------------------------===//

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// Rows of a kernel, [rows, K] or [1, length, rows].
static int64_t rowsOf(RankedTensorType kernel) {
  return kernel.getRank() == 2 ? kernel.getDimSize(0) : kernel.getDimSize(2);
}

/// Whether a kernel, fixed or as long as `input`, serves its channels. (C2)
static bool isKernelOf(RankedTensorType kernel, RankedTensorType input) {
  int64_t rank = kernel.getRank();
  if (rank != 2 && rank != 3)
    return false;
  int64_t rows = rowsOf(kernel);
  if (ShapedType::isDynamic(rows) || rows < 1 ||
      input.getDimSize(2) % rows != 0)
    return false;
  if (rank == 2)
    return !kernel.isDynamicDim(1) && kernel.getDimSize(1) >= 1;
  return kernel.getDimSize(0) == 1 &&
         kernel.getDimSize(1) == input.getDimSize(1);
}

LogicalResult LongConvOp::inferReturnTypes(MLIRContext *context,
                                           std::optional<Location> location,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &inferred) {
  RankedTensorType input = typeOf(adaptor.getInput());
  if (input.getRank() != 3 || input.isDynamicDim(2)) // (C1)
    return emitOptionalError(location,
                             "expected 'input' to have a batch axis, a time "
                             "axis and a channel axis of fixed extent, got ",
                             input);
  int64_t channels = input.getDimSize(2);
  RankedTensorType kernel = typeOf(adaptor.getKernel());
  for (auto [name, value] : {std::pair("kernel", adaptor.getKernel()),
                             std::pair("back", adaptor.getBack())})
    if (value && !isKernelOf(typeOf(value), input)) // (C2)
      return emitOptionalError(
          location, "expected '", name,
          "' to be [rows, K] or [1, length of 'input', rows] with rows that "
          "divide the ",
          channels, " channels, got ", value.getType());
  if (Value d = adaptor.getD())
    if (typeOf(d).getRank() != 1 || typeOf(d).getDimSize(0) != channels) // (C3)
      return emitOptionalError(location, "expected 'D' to have ", channels,
                               " elements, got ", d.getType());
  bool back = adaptor.getBack() != nullptr;
  if (back + adaptor.getReverse() + adaptor.getCircular() > 1) // (C4)
    return emitOptionalError(
        location, "expected at most one of 'back', 'reverse' and 'circular'");
  if (adaptor.getSpatial() && (back || adaptor.getCircular())) // (C4)
    return emitOptionalError(
        location, "expected no 'back' and no 'circular' with 'spatial'");
  if (adaptor.getInclusive() && !back) // (C4)
    return emitOptionalError(location, "expected 'inclusive' only with 'back'");
  if (adaptor.getCircular() && kernel.getRank() != 2) // (C5)
    return emitOptionalError(location,
                             "expected a kernel [rows, K] with 'circular', "
                             "got ",
                             kernel);
  if (DenseI64ArrayAttr spatial = adaptor.getSpatialAttr())
    for (int64_t extent : spatial.asArrayRef())
      if (extent < 1) // (C6)
        return emitOptionalError(
            location, "expected positive 'spatial' extents, got ", extent);

  inferred.push_back(input);
  bool windowed = kernel.getRank() == 2 && kernel.getDimSize(1) >= 2 && !back &&
                  !adaptor.getReverse() && !adaptor.getCircular() &&
                  !adaptor.getSpatial();
  Value init = adaptor.getInit();
  if (!windowed) {
    if (init) // (C7)
      return emitOptionalError(location, "expected 'init' only for a causal "
                                         "convolution with a fixed kernel of "
                                         "at least 2 taps");
    return success();
  }
  auto window = RankedTensorType::get(
      {input.getDimSize(0), channels, kernel.getDimSize(1) - 1},
      Float32Type::get(context));
  if (init && init.getType() != window) // (C7)
    return emitOptionalError(location, "expected 'init' to be ", window,
                             ", got ", init.getType());
  inferred.push_back(window);
  return success();
}

int64_t LongConvOp::getRows() { return rowsOf(typeOf(getKernel())); }

int64_t LongConvOp::getTaps() {
  RankedTensorType type = typeOf(getKernel());
  return type.getRank() == 2 ? type.getDimSize(1) : ShapedType::kDynamic;
}

bool LongConvOp::isCausal() {
  return !getBack() && !getReverse() && !getCircular();
}
std::string LongConvOp::getNonCausalReason() {
  return "reads inputs of later time steps";
}
SmallVector<StringRef> LongConvOp::getStateRoles() {
  return SmallVector<StringRef>(getFinal() ? 1 : 0, "conv_window");
}
ResultRange LongConvOp::getFinalStates() {
  return getOperation()->getResults().drop_front();
}
MutableOperandRange LongConvOp::getInitialStatesMutable() {
  return getInitMutable();
}

std::string LongConvOp::getWholeSequenceReason() {
  if (ShapedType::isDynamic(getTaps()))
    return "convolves with a kernel as long as the sequence, so that its "
           "history has no bound; a kernel of a fixed length has one";
  if (getSpatial())
    return "convolves over a space, of which no window is kept";
  return "";
}

/// Taps from which on a convolution in the frequency domain can be faster.
constexpr int64_t longKernelTaps = 64;

bool LongConvOp::prefersWholeSequence() {
  return ShapedType::isDynamic(getTaps()) || getTaps() >= longKernelTaps;
}

//===----------------------------------------------------------------------===//
// ssm.kernel
//===----------------------------------------------------------------------===//

namespace {
/// Axes after the first: one letter each, equal letters for equal extents.
struct KernelForm {
  StringRef axes; // of every operand, separated by commas
  bool nodes, mustHaveNodes, bins, direct;
};
} // namespace

static KernelForm formOf(KernelMethod method, size_t operands) {
  switch (method) {
  case KernelMethod::vandermonde:
    return {operands == 4 ? "n,n,n,n" : "n,n", false, false, false, false};
  case KernelMethod::krylov:
    return {"nn,n,n", false, false, false, false};
  case KernelMethod::companion:
    return {"n,n,n", false, false, false, false};
  case KernelMethod::transfer_function:
    return {"n,n,", true, false, false, true};
  case KernelMethod::dplr:
    return {",n,n,rn,rn,n,n,n,n", true, false, false, false};
  case KernelMethod::low_pass:
    return {"k", true, true, true, false};
  }
  llvm_unreachable("unknown method");
}

int64_t KernelOp::getSystems() { return rowsOf(getResult().getType()); }

LogicalResult KernelOp::verify() {
  RankedTensorType result = getResult().getType();
  if (getLike()) {
    RankedTensorType like = getLike().getType();
    if (like.getRank() < 2 || result.getRank() != 3 ||
        result.getDimSize(0) != 1 ||
        result.getDimSize(1) != like.getDimSize(1) ||
        result.isDynamicDim(2)) // (C1)
      return emitOpError("expected a result of [1, length of 'like', systems] "
                         "with 'like' of ")
             << like << ", got " << result;
  } else if (result.getRank() != 2 || !result.hasStaticShape() ||
             result.getDimSize(1) < 1) { // (C1)
    return emitOpError("expected a result of [systems, L] with fixed L, got ")
           << result;
  }

  KernelForm form = formOf(getMethod(), getParameters().size());
  StringRef method = stringifyKernelMethod(getMethod());
  SmallVector<StringRef> groups;
  form.axes.split(groups, ',');
  if (groups.size() != getParameters().size()) // (C2)
    return emitOpError("expected ")
           << groups.size() << " operands for method " << method << ", got "
           << getParameters().size();
  llvm::SmallDenseMap<char, int64_t> extents;
  for (auto [axes, value] : llvm::zip_equal(groups, getParameters())) {
    RankedTensorType type = typeOf(value);
    bool good = type.hasStaticShape() && type.getNumElements() > 0 &&
                type.getRank() == static_cast<int64_t>(axes.size()) + 1 &&
                getSystems() % type.getDimSize(0) == 0;
    for (size_t i = 0; good && i < axes.size(); ++i)
      good =
          extents.try_emplace(axes[i], type.getDimSize(i + 1)).first->second ==
          type.getDimSize(i + 1);
    if (!good) { // (C2)
      std::string wanted = "[systems";
      for (char axis : axes)
        wanted += std::string(", ") +
                  static_cast<char>(axis == 'k' ? 'K' : axis - 'a' + 'A');
      return emitOpError("expected operands of method ")
             << method << " to be " << wanted << "] with extents that agree, "
             << "got " << type;
    }
  }
  std::optional<int64_t> nodes = getNodes(), bins = getBins();
  int64_t fixedLength = getLike() ? ShapedType::kDynamic : result.getDimSize(1);
  if (nodes ? !form.nodes || *nodes < 1 : form.mustHaveNodes) // (C3)
    return emitOpError(form.mustHaveNodes || form.nodes
                           ? "expected 'nodes' to be positive for method "
                           : "expected no 'nodes' for method ")
           << method;
  if (nodes && getMethod() != KernelMethod::dplr &&
      (fixedLength > *nodes ||
       (form.mustHaveNodes && fixedLength != *nodes))) // (C3)
    return emitOpError("expected 'nodes' to be the length of the result")
           << (form.mustHaveNodes ? "" : " or more") << ", got " << *nodes
           << " for " << result;
  if (bins ? !form.bins || *bins < 1 : form.bins) // (C4)
    return emitOpError(form.bins ? "expected 'bins' to be positive for method "
                                 : "expected no 'bins' for method ")
           << method;
  if (getDirect() && !form.direct) // (C5)
    return emitOpError("expected no 'direct' for method ") << method;
  return success();
}

std::string KernelOp::getWholeSequenceReason() {
  if (!getLike())
    return "";
  return "makes a kernel as long as the sequence, so that a convolution with "
         "it "
         "has no bound to its history; a kernel of a fixed length has one";
}
bool KernelOp::prefersWholeSequence() { return getLike() != nullptr; }

//===----------------------------------------------------------------------===//
// ssm.positions
//===----------------------------------------------------------------------===//

LogicalResult PositionsOp::verify() {
  RankedTensorType like = typeOf(getLike()), result = getResult().getType();
  if (like.getRank() < 2 || result.getRank() != 3 ||
      result.getDimSize(0) != 1 || result.getDimSize(1) != like.getDimSize(1) ||
      result.isDynamicDim(2))
    // (C1)
    return emitOpError("expected a result of [1, extent of axis 1 of 'like', "
                       "channels] with 'like' of ")
           << like << ", got " << result;
  return success();
}

std::string PositionsOp::getWholeSequenceReason() {
  return "counts time steps from the first of the sequence";
}
bool PositionsOp::prefersWholeSequence() { return true; }
