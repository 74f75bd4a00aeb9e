#include "compiler/Conversion/CpuKernels/RecurrenceCost.h"
#include "compiler/Transforms/Forms/Forms.h"
#include "compiler/Transforms/Passes.h"
#include "dialects/Ssm/SsmScan.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/MapVector.h"
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
        algorithm != nameOf(Algorithm::convolution) &&
        llvm::none_of(parallelAlgorithms, [&](Algorithm known) {
          return nameOf(known) == algorithm;
        })) {
      getOperation().emitError("expected algorithm 'auto', 'sequential', "
                               "'chunked', 'associative', 'newton' or "
                               "'convolution', got '")
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
    // Convolutions bring recurrences of their own.
    SmallVector<ssm::RecurrenceOp> recurrences;
    getOperation().walk(
        [&](ssm::RecurrenceOp op) { recurrences.push_back(op); });
    for (ssm::RecurrenceOp op : recurrences) {
      if (op.hasChunk())
        continue;
      if (isShorterThan(op, chunk))
        refusals.insert({op.getLoc(), "its sequence is shorter than a chunk"});
      else
        applied |= choose(op);
    }
    // The declaration has been read; from here on it is ops like any other.
    ssm::CombineOp::inlineAll(getOperation());
    if (applied)
      return;
    InFlightDiagnostic error = getOperation().emitError("expected algorithm '")
                               << algorithm
                               << "' to apply to some recurrence of the model";
    if (refusals.empty())
      error << ", which has none";
    for (auto &[location, reason] : refusals)
      error.attachNote(location) << "it does not apply here: " << reason;
    signalPassFailure();
  }

  /// Returns whether the algorithm that was asked for applies.
  bool choose(ssm::RecurrenceOp op) {
    RecurrenceStructure structure(op);
    if (algorithm == "sequential") {
      explain(op, "kept sequential: as asked for");
      return true;
    }
    double bySteps = stepCycles(op);
    if (algorithm == nameOf(Algorithm::convolution)) {
      std::string reason;
      FailureOr<SmallVector<unsigned>> inputs = findConvolvedInputs(op, reason);
      std::optional<std::string> state = carriesState(op);
      if (succeeded(inputs) && !state) {
        explain(op, "convolution as asked for: " + cycles(bySteps) +
                        " cycles a step by steps");
        replaceByConvolutions(op, *inputs);
        return true;
      }
      refuse(op, failed(inputs) ? reason : *state);
    }
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
      refuse(op, *reason);
    }
    chooseByCost(op, structure, bySteps);
    return false;
  }

  void replaceByConvolutions(ssm::RecurrenceOp op, ArrayRef<unsigned> inputs) {
    for (ssm::RecurrenceOp response : convolve(op, inputs))
      chooseByCost(response, RecurrenceStructure(response),
                   stepCycles(response));
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
    // What a convolution costs depends on the length.
    std::string noConvolution;
    FailureOr<SmallVector<unsigned>> convolved =
        findConvolvedInputs(op, noConvolution);
    int64_t length = op.getExtents().lookup(op.getSequence());
    if (succeeded(convolved)) {
      others += ", convolution ";
      if (carriesState(op) || ShapedType::isDynamic(length)) {
        others += "where it is asked for or the length is known";
      } else {
        double cost = convolutionCycles(op, convolved->size(), length);
        others += cycles(cost);
        if (cost < bestCost) {
          best = Algorithm::convolution;
          bestCost = cost;
        }
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
    if (best == Algorithm::convolution) {
      explain(op, "convolution: sequential " + costs);
      replaceByConvolutions(op, *convolved);
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

  /// Says why the algorithm that was asked for does not apply.
  void refuse(ssm::RecurrenceOp op, StringRef reason) {
    explain(op, "'" + algorithm + "' does not apply: " + reason);
    refusals.insert({op.getLoc(), reason.str()});
  }

  llvm::DenseSet<std::pair<Attribute, Attribute>> explained;
  llvm::MapVector<Location, std::string> refusals; // one for all entries
};
} // namespace
} // namespace ssmc
