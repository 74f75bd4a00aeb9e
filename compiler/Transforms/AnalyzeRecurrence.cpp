#include "compiler/Analysis/RecurrenceStructure.h"
#include "compiler/Transforms/Passes.h"

using namespace mlir;

namespace ssmc {
#define GEN_PASS_DEF_ANALYZERECURRENCE
#include "compiler/Transforms/Passes.h.inc"

namespace {
struct AnalyzeRecurrence : impl::AnalyzeRecurrenceBase<AnalyzeRecurrence> {
  void runOnOperation() override {
    getOperation()->walk([](ssm::RecurrenceOp op) {
      RecurrenceStructure structure(op);
      Builder builder(op.getContext());
      SmallVector<Attribute> lines;
      for (unsigned i = 0; i < op.getFinal().size(); ++i) {
        std::string line = structure.describe(i);
        op.emitRemark() << "recurrence '" << structure.role(i) << "': " << line;
        lines.push_back(builder.getStringAttr(line));
      }
      op->setAttr("ssm.structure", builder.getArrayAttr(lines));
    });
  }
};
} // namespace
} // namespace ssmc
