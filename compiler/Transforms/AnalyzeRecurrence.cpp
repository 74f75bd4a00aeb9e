#include "compiler/Transforms/Forms/Forms.h"
#include "compiler/Transforms/Passes.h"

using namespace mlir;

namespace ssmc {
#define GEN_PASS_DEF_ANALYZERECURRENCE
#include "compiler/Transforms/Passes.h.inc"

namespace {
struct AnalyzeRecurrence : impl::AnalyzeRecurrenceBase<AnalyzeRecurrence> {
  void runOnOperation() override {
    getOperation()->walk([&](ssm::RecurrenceOp op) {
      RecurrenceStructure structure(op);
      Builder builder(op.getContext());
      SmallVector<Attribute> lines;
      for (unsigned i = 0; i < op.getFinal().size(); ++i) {
        std::string line = structure.describe(i);
        op.emitRemark() << "recurrence '" << structure.role(i) << "': " << line;
        lines.push_back(builder.getStringAttr(line));
      }
      op->setAttr("ssm.structure", builder.getArrayAttr(lines));
      op->setAttr("ssm.algorithms",
                  builder.getStrArrayAttr(applicable(op, structure)));
    });
  }

  /// The names of the algorithms that have a form of `op`.
  static SmallVector<StringRef>
  applicable(ssm::RecurrenceOp op, const RecurrenceStructure &structure) {
    SmallVector<StringRef> names = {nameOf(Algorithm::sequential)};
    if (op.hasChunk() || isShorterThan(op, DeriveChunksOptions().chunk))
      return names;
    std::string reason;
    if (!carriesState(op) && succeeded(findConvolvedInputs(op, reason)))
      names.push_back(nameOf(Algorithm::convolution));
    for (Algorithm algorithm : parallelAlgorithms) {
      if (deriveChunk(structure, algorithm, /*steps=*/2))
        continue;
      dropChunk(op);
      names.push_back(nameOf(algorithm));
    }
    return names;
  }
};
} // namespace
} // namespace ssmc
