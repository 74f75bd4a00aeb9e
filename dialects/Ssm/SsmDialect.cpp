#include "dialects/Ssm/SsmDialect.h"
#include "dialects/Ssm/SsmChannelScans.h"
#include "dialects/Ssm/SsmChunkOps.h"
#include "dialects/Ssm/SsmConvolutions.h"
#include "dialects/Ssm/SsmNamedOps.h"
#include "dialects/Ssm/SsmScan.h"
#include "dialects/Ssm/SsmSpellings.h"
#include "dialects/Ssm/SsmTraversals.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/InliningUtils.h"

using namespace mlir;
using namespace ssmc::ssm;

#include "dialects/Ssm/SsmDialect.cpp.inc"
#include "dialects/Ssm/SsmEnums.cpp.inc"
#include "dialects/Ssm/SsmInterfaces.cpp.inc"

namespace {
/// Layers are written once as private functions and inlined at every call.
struct SsmInliner : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;
  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final {
    return true;
  }
  bool isLegalToInline(Region *, Region *, bool, IRMapping &) const final {
    return true;
  }
};
} // namespace

void SsmDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/Ssm/SsmOps.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Ssm/SsmPointwise.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Ssm/SsmRecurrence.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Ssm/SsmChannelScans.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Ssm/SsmChunkOps.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Ssm/SsmConvolutions.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Ssm/SsmTraversals.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Ssm/SsmNamedOps.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Ssm/SsmScan.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Ssm/SsmSpellings.cpp.inc"
      >();
  addInterfaces<SsmInliner>();
}
