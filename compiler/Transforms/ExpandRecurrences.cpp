#include "compiler/Transforms/Passes.h"

using namespace mlir;

namespace ssmc {
#define GEN_PASS_DEF_EXPANDRECURRENCES
#include "compiler/Transforms/Passes.h.inc"

namespace {
struct ExpandRecurrences : impl::ExpandRecurrencesBase<ExpandRecurrences> {
  void runOnOperation() override {
    // An expansion may itself use named recurrences.
    SmallVector<ssm::NamedRecurrenceInterface> named;
    do {
      named.clear();
      getOperation()->walk(
          [&](ssm::NamedRecurrenceInterface op) { named.push_back(op); });
      for (ssm::NamedRecurrenceInterface op : named) {
        OpBuilder builder(op);
        op->replaceAllUsesWith(op.expand(builder));
        op->erase();
        ++numExpanded;
      }
    } while (!named.empty());
  }
};
} // namespace
} // namespace ssmc
