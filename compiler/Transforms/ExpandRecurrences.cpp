#include "compiler/Transforms/Entries.h"
#include "compiler/Transforms/Passes.h"

using namespace mlir;

namespace ssmc {
#define GEN_PASS_DEF_EXPANDRECURRENCES
#include "compiler/Transforms/Passes.h.inc"

namespace {
/// Notes the recurrences that an expansion builds.
struct Built : OpBuilder::Listener {
  SmallVector<ssm::RecurrenceOp> recurrences;

  void notifyOperationInserted(Operation *op, OpBuilder::InsertPoint) override {
    if (auto recurrence = dyn_cast<ssm::RecurrenceOp>(op))
      recurrences.push_back(recurrence);
  }
};

struct ExpandRecurrences : impl::ExpandRecurrencesBase<ExpandRecurrences> {
  void runOnOperation() override {
    // An expansion may itself use short spellings.
    SmallVector<ssm::ExpandInterface> spellings;
    do {
      spellings.clear();
      getOperation()->walk([&](ssm::ExpandInterface op) {
        if (op.expands())
          spellings.push_back(op);
      });
      for (ssm::ExpandInterface op : spellings) {
        if (failed(verifyExtents(op)))
          return signalPassFailure();
        Built built;
        OpBuilder builder(op, &built);
        SmallVector<Value> results = op.expand(builder);
        for (ssm::RecurrenceOp made : built.recurrences)
          made->setAttr(writtenAsAttrName,
                        builder.getStringAttr(op->getName().getStringRef()));
        op->replaceAllUsesWith(results);
        op->erase();
        ++numExpanded;
      }
    } while (!spellings.empty());
  }
};
} // namespace
} // namespace ssmc
