#include "compiler/Transforms/Entries.h"
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
        SmallVector<Value> results = op.expand(builder);
        if (auto made = results.front().getDefiningOp<ssm::RecurrenceOp>())
          made->setAttr(writtenAsAttrName,
                        builder.getStringAttr(op->getName().getStringRef()));
        op->replaceAllUsesWith(results);
        op->erase();
        ++numExpanded;
      }
    } while (!named.empty());
  }
};
} // namespace
} // namespace ssmc
