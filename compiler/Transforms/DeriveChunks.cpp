#include "compiler/Conversion/CpuKernels/RecurrenceCost.h"
#include "compiler/Transforms/Forms/Forms.h"
#include "compiler/Transforms/Passes.h"
#include "dialects/Ssm/SsmScan.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/Support/Format.h"

using namespace mlir;

namespace ssmc {
#define GEN_PASS_DEF_DERIVECHUNKS
#include "compiler/Transforms/Passes.h.inc"

namespace {
std::string cycles(double count) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.3g", count);
  return text;
}

struct DeriveChunks : impl::DeriveChunksBase<DeriveChunks> {
  using DeriveChunksBase::DeriveChunksBase;

  void runOnOperation() override {
    if (algorithm != "auto" && algorithm != "sequential" &&
        llvm::none_of(parallelAlgorithms, [&](Algorithm known) {
          return nameOf(known) == algorithm;
        })) {
      getOperation().emitError("expected algorithm 'auto', 'sequential', "
                               "'chunked', 'associative' or 'newton', got '")
          << algorithm.getValue() << "'";
      return signalPassFailure();
    }
    if (chunk < 1) {
      getOperation().emitError("expected a positive number of steps in a "
                               "chunk, got ")
          << chunk.getValue();
      return signalPassFailure();
    }
    bool applied = algorithm == "auto" || algorithm == "sequential";
    getOperation().walk([&](ssm::RecurrenceOp op) {
      if (op.hasChunk() || isShorterThan(op, chunk))
        return;
      applied |= choose(op);
    });
    // The declaration has been read; from here on it is ops like any other.
    ssm::CombineOp::inlineAll(getOperation());
    if (!applied) {
      getOperation().emitError("expected algorithm '")
          << algorithm << "' to apply to some recurrence of the model";
      signalPassFailure();
    }
  }

  /// Returns whether the algorithm that was asked for applies.
  bool choose(ssm::RecurrenceOp op) {
    RecurrenceStructure structure(op);
    if (algorithm == "sequential") {
      explain(op, "kept sequential: as asked for");
      return true;
    }
    double bySteps = stepCycles(op);
    for (Algorithm wanted : parallelAlgorithms) {
      if (nameOf(wanted) != algorithm)
        continue;
      std::optional<std::string> reason = deriveChunk(structure, wanted, chunk);
      if (!reason) {
        explain(op, nameOf(wanted) + " by " + Twine(chunk) +
                        " as asked for: " + cycles(chunkCycles(op)) +
                        " cycles a step, " + cycles(bySteps) + " by steps");
        return true;
      }
      explain(op, "'" + nameOf(wanted) + "' does not apply: " + *reason);
    }
    chooseByCost(op, structure, bySteps);
    return false;
  }

  void chooseByCost(ssm::RecurrenceOp op, const RecurrenceStructure &structure,
                    double bySteps) {
    Algorithm best = Algorithm::sequential;
    double bestCost = bySteps;
    std::string others, reason;
    for (Algorithm candidate : parallelAlgorithms) {
      std::optional<std::string> failed =
          deriveChunk(structure, candidate, chunk);
      if (failed) {
        if (reason.empty())
          reason = *failed;
        continue;
      }
      double cost = chunkCycles(op);
      dropChunk(op);
      others += (", " + nameOf(candidate) + " " + cycles(cost)).str();
      if (cost < bestCost) {
        best = candidate;
        bestCost = cost;
      }
    }
    if (others.empty()) {
      for (const Component &component : structure.components)
        if (component.reason) {
          std::string place = describeLocation(component.reason->op->getLoc());
          reason =
              component.reason->reason + (place.empty() ? "" : " at " + place);
        }
      explain(op, "kept sequential: " + reason);
      return;
    }
    std::string costs = cycles(bySteps) + " cycles a step" + others;
    if (best == Algorithm::sequential) {
      explain(op, "kept sequential: " + costs);
      return;
    }
    (void)deriveChunk(structure, best, chunk);
    explain(op, nameOf(best) + " by " + Twine(chunk) + ": sequential " + costs);
  }

  /// One remark per recurrence of the model, however many entries hold it.
  void explain(ssm::RecurrenceOp op, const Twine &text) {
    if (!remarks)
      return;
    auto key = StringAttr::get(op.getContext(), text);
    if (explained.insert({Attribute(op.getLoc()), key}).second)
      op.emitRemark(text);
  }

  llvm::DenseSet<std::pair<Attribute, Attribute>> explained;
};
} // namespace
} // namespace ssmc
