#include "compiler/Transforms/Passes.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace ssmc {
#define GEN_PASS_DEF_NAMECALLS
#include "compiler/Transforms/Passes.h.inc"

namespace {
struct NameCalls : impl::NameCallsBase<NameCalls> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      nameCallsIn(function);
  }

private:
  void nameCallsIn(func::FuncOp function) {
    llvm::MapVector<StringRef, SmallVector<func::CallOp>> calls;
    function.walk([&](func::CallOp call) {
      if (!call.getLoc()->findInstanceOf<NameLoc>())
        calls[call.getCallee()].push_back(call);
    });
    for (auto &[callee, unnamed] : calls) {
      for (auto [i, call] : llvm::enumerate(unnamed)) {
        std::string name = callee.str();
        if (unnamed.size() > 1)
          name += std::to_string(i);
        call->setLoc(
            NameLoc::get(StringAttr::get(&getContext(), name), call.getLoc()));
        ++numNamed;
      }
    }
  }
};
} // namespace
} // namespace ssmc
