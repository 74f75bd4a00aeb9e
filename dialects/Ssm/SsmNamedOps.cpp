//===- SsmNamedOps.cpp - types of the named recurrences -------------------===//
//
// Shapes are written as one letter per axis: b batch, l length, h heads,
// g groups of heads, p channels of a head, k keys, v values, n state, j
// micro-steps. Checks carry the label of the constraint.
//
//===----------------------------------------------------------------------===//

#include "dialects/Ssm/SsmNamedOps.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace ssmc::ssm;

#define GET_OP_CLASSES
#include "dialects/Ssm/SsmNamedOps.cpp.inc"

namespace {
/// Checks operands against shapes and learns what their letters stand for as it
/// goes. Batch and length may be open; every other extent is fixed.
class ShapeMatcher {
public:
  explicit ShapeMatcher(std::optional<Location> location)
      : location(location) {}

  /// Checks that `value`, if there is one, has one of the shapes `forms`; an
  /// error otherwise.
  LogicalResult match(StringRef name, Value value, ArrayRef<StringRef> forms) {
    if (!value)
      return success();
    auto type = cast<RankedTensorType>(value.getType());
    for (StringRef form : forms)
      if (fits(type.getShape(), form)) {
        for (auto [letter, extent] : llvm::zip_equal(form, type.getShape()))
          extents[letter] = extent;
        return success();
      }
    auto text = llvm::map_range(forms, [&](StringRef f) { return spell(f); });
    std::string list = llvm::join(llvm::drop_end(text), ", ");
    if (!list.empty())
      list += " or ";
    list += spell(forms.back());
    if (list.find('g') != std::string::npos)
      list += " with g that divides " + std::to_string(extents['h']);
    return emitOptionalError(location, "expected '", name, "' to be ", list,
                             ", got ", type);
  }
  /// The float32 tensor of a shape whose letters are all known.
  RankedTensorType type(StringRef form, MLIRContext *context) {
    return RankedTensorType::get(
        llvm::map_to_vector(form, [&](char letter) { return extents[letter]; }),
        Float32Type::get(context));
  }
  bool isKnown(char letter) const { return extents.contains(letter); }
  /// Of a letter that is known.
  int64_t operator[](char letter) const { return extents.at(letter); }
  void set(char letter, int64_t extent) { extents[letter] = extent; }

private:
  bool fits(ArrayRef<int64_t> shape, StringRef form) {
    if (shape.size() != form.size())
      return false;
    llvm::SmallDenseMap<char, int64_t> seen = extents;
    return llvm::all_of(llvm::zip(form, shape), [&](auto axis) {
      auto [letter, extent] = axis;
      auto [known, inserted] = seen.try_emplace(letter, extent);
      if (!inserted)
        return known->second == extent;
      if (letter == 'g') // groups of the heads, which are known by now
        return extent > 0 && seen['h'] % extent == 0;
      return letter == 'b' || letter == 'l' || !ShapedType::isDynamic(extent);
    });
  }
  std::string spell(StringRef form) {
    auto axes = llvm::map_range(form, [&](char letter) -> std::string {
      auto known = extents.find(letter);
      if (known == extents.end())
        return {letter};
      return ShapedType::isDynamic(known->second)
                 ? "?"
                 : std::to_string(known->second);
    });
    return "[" + llvm::join(axes, ", ") + "]";
  }

  std::optional<Location> location;
  llvm::SmallDenseMap<char, int64_t> extents;
};
} // namespace

/// Infers the final states from their shapes and checks `init` against them.
static LogicalResult inferStates(std::optional<Location> location,
                                 ShapeMatcher &shapes,
                                 ArrayRef<StringRef> forms, ValueRange init,
                                 MLIRContext *context,
                                 SmallVectorImpl<Type> &inferred) {
  SmallVector<Type> states;
  for (StringRef form : forms)
    states.push_back(shapes.type(form, context));
  if (!init.empty() && init.getTypes() != TypeRange(states)) {
    std::string wanted, got;
    llvm::raw_string_ostream(wanted) << states;
    llvm::raw_string_ostream(got) << init.getTypes();
    return emitOptionalError(location, "expected 'init' to be (", wanted,
                             "), got (", got, ")");
  }
  llvm::append_range(inferred, states);
  return success();
}

/// An optional operand as a range.
static ValueRange present(const Value &value) {
  return value ? ValueRange(value) : ValueRange();
}

LogicalResult SsdOp::inferReturnTypes(MLIRContext *context,
                                      std::optional<Location> location,
                                      Adaptor adaptor,
                                      SmallVectorImpl<Type> &inferred) {
  ShapeMatcher shapes(location);
  if (failed(shapes.match("x", adaptor.getX(), {"blhp"})) ||         // (C1)
      failed(shapes.match("z", adaptor.getZ(), {"blhp"})) ||         // (C1)
      failed(shapes.match("dt", adaptor.getDt(), {"blh"})) ||        // (C2)
      failed(shapes.match("A", adaptor.getA(), {"h"})) ||            // (C2)
      failed(shapes.match("dt_bias", adaptor.getDtBias(), {"h"})) || // (C2)
      failed(shapes.match("B", adaptor.getB(), {"bln", "blgn"})) ||  // (C3)
      failed(shapes.match("C", adaptor.getC(), {"bln", "blgn"})) ||  // (C3)
      failed(shapes.match("D", adaptor.getD(), {"h", "hp"})) ||      // (C4)
      failed(shapes.match("reset", adaptor.getReset(), {"bl"})))     // (C6)
    return failure();
  inferred.push_back(shapes.type("blhp", context));
  return inferStates(location, shapes, {"bhpn"}, present(adaptor.getInit()),
                     context, inferred); // (C5)
}

LogicalResult SsdOp::verify() {
  if (getDtMin() && getDtMax() && *getDtMin() > *getDtMax()) // (C7)
    return emitOpError("expected 'dt_min' not above 'dt_max', got ")
           << getDtMin()->convertToDouble() << " and "
           << getDtMax()->convertToDouble();
  return success();
}

/// The shapes of a decay; `log` without one is an error.
static LogicalResult matchDecay(std::optional<Location> location,
                                ShapeMatcher &shapes, Value decay, bool log) {
  if (log && !decay)
    return emitOptionalError(location, "expected 'decay' after 'log'");
  return shapes.match("decay", decay, {"h", "hk", "blh", "blhk"});
}

LogicalResult LinearAttentionOp::inferReturnTypes(
    MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
    SmallVectorImpl<Type> &inferred) {
  ShapeMatcher shapes(location);
  if (failed(shapes.match("v", adaptor.getV(), {"blhv"})) ||         // (C1)
      failed(shapes.match("q", adaptor.getQ(), {"blhk", "blgk"})) || // (C2)
      failed(shapes.match("k", adaptor.getK(), {"blhk", "blgk"})) || // (C2)
      failed(matchDecay(location, shapes, adaptor.getDecay(),
                        adaptor.getLog())) ||                      // (C3)
      failed(shapes.match("bonus", adaptor.getBonus(), {"hk"})) || // (C4)
      failed(shapes.match("input_gate", adaptor.getInputGate(),
                          {"blh"})) ||                           // (C5)
      failed(shapes.match("reset", adaptor.getReset(), {"bl"}))) // (C7)
    return failure();
  if (adaptor.getInputGate()) {
    if (adaptor.getNormalizer() != Normalizer::max) // (C5)
      return emitOptionalError(location,
                               "expected normalizer max with 'input_gate'");
    if (adaptor.getBonus()) // (C4)
      return emitOptionalError(location,
                               "expected no 'bonus' with 'input_gate'");
    if (Value decay = adaptor.getDecay()) {
      int64_t rank = cast<RankedTensorType>(decay.getType()).getRank();
      if (!adaptor.getLog() || rank == 2 || rank == 4) // (C5)
        return emitOptionalError(location,
                                 "expected with 'input_gate' the 'log' of a "
                                 "decay of one number per head, got ",
                                 decay.getType(),
                                 adaptor.getLog() ? "" : " without 'log'");
    }
  }
  if (!adaptor.getNormalizer() && adaptor.getEps()) // (C8)
    return emitOptionalError(location, "expected 'normalizer' with 'eps'");
  SmallVector<StringRef> states = {"bhvk"};
  if (adaptor.getNormalizer())
    states.push_back("bhk");
  if (adaptor.getInputGate())
    states.push_back("bh");
  inferred.push_back(shapes.type("blhv", context));
  return inferStates(location, shapes, states, adaptor.getInit(), context,
                     inferred); // (C6)
}

LogicalResult DeltaRuleOp::inferReturnTypes(MLIRContext *context,
                                            std::optional<Location> location,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &inferred) {
  ShapeMatcher shapes(location);
  if (failed(shapes.match("v", adaptor.getV(), {"blhv", "bljhv"})) || // (C1)
      failed(shapes.match("q", adaptor.getQ(), {"blhk", "blgk"})))    // (C2)
    return failure();
  bool microSteps = shapes.isKnown('j');
  SmallVector<StringRef> keys = {"blhk", "blgk"},
                         microKeys = {"bljhk", "bljgk"};
  if (failed(shapes.match("k", adaptor.getK(),
                          microSteps ? microKeys : keys)) || // (C2)
      failed(shapes.match("beta", adaptor.getBeta(),
                          {microSteps ? "bljh" : "blh"}))) // (C3)
    return failure();
  ValueRange rankOne = adaptor.getRankOne();
  if (!rankOne.empty()) {
    if (rankOne.size() != 2) // (C4)
      return emitOptionalError(
          location, "expected two vectors in 'rank_one', got ", rankOne.size());
    if (adaptor.getBeta() || microSteps) // (C4)
      return emitOptionalError(location, "expected no ",
                               adaptor.getBeta() ? "'beta'"
                                                 : "axis of micro-steps in 'v'",
                               " with 'rank_one'");
    for (Value vector : rankOne)
      if (failed(shapes.match("rank_one", vector, keys))) // (C4)
        return failure();
  }
  if (failed(matchDecay(location, shapes, adaptor.getDecay(),
                        adaptor.getLog())) ||                    // (C5)
      failed(shapes.match("reset", adaptor.getReset(), {"bl"}))) // (C7)
    return failure();
  inferred.push_back(shapes.type("blhv", context));
  return inferStates(location, shapes, {"bhvk"}, present(adaptor.getInit()),
                     context, inferred); // (C6)
}

LogicalResult LtiOp::inferReturnTypes(MLIRContext *context,
                                      std::optional<Location> location,
                                      Adaptor adaptor,
                                      SmallVectorImpl<Type> &inferred) {
  ShapeMatcher shapes(location);
  auto error = [&](const Twine &text) {
    return emitOptionalError(location, text);
  };
  auto matchAll = [&](StringRef name, ValueRange values,
                      ArrayRef<StringRef> forms) {
    return success(llvm::all_of(values, [&](Value value) {
      return succeeded(shapes.match(name, value, forms));
    }));
  };
  bool mimo = adaptor.getMimo(), companion = adaptor.getCompanion();
  ValueRange A = adaptor.getA(), B = adaptor.getB(), C = adaptor.getC();
  if (A.empty() || A.size() > 2) // (C2)
    return error("expected one or two values of 'A', got " + Twine(A.size()));
  SmallVector<StringRef> forms = {"dn", "dnn"};
  if (mimo)
    forms = {"n", "nn"};
  if (companion)
    forms = {"dn"};
  if (failed(shapes.match("u", adaptor.getU(), {"bld"}))) // (C1)
    return failure();
  if (mimo && companion) // (C2)
    return error("expected no 'companion' with 'mimo'");
  if (failed(matchAll("A", A, forms))) // (C2)
    return failure();
  bool complex = A.size() == 2;
  bool diagonal =
      !companion &&
      cast<RankedTensorType>(A[0].getType()).getRank() == (mimo ? 1 : 2);
  if (complex && (!diagonal || A[0].getType() != A[1].getType())) // (C2)
    return error("expected a complex 'A' to be two diagonals of one type");
  if (C.size() != A.size() || (!B.empty() && B.size() != A.size())) // (C3)
    return error("expected as many values of 'B' and 'C' as of 'A'");
  if (failed(matchAll("B", B, {mimo ? "nd" : "dn"})) || // (C3)
      failed(matchAll("C", C, {mimo ? "on" : "dn"})))   // (C3)
    return failure();
  if (mimo && B.empty()) // (C3)
    return error("expected 'B' with 'mimo'");
  if (failed(shapes.match("D", adaptor.getD(), {"d"}))) // (C4)
    return failure();
  if (mimo && adaptor.getD() && shapes['o'] != shapes['d']) // (C4)
    return error("expected as many outputs as channels with 'D', got " +
                 Twine(shapes['o']) + " and " + Twine(shapes['d']));
  std::optional<Discretization> method = adaptor.getMethod();
  if (method.has_value() != bool(adaptor.getDt())) // (C5)
    return error("expected 'method' and 'dt' together");
  if (method && !diagonal) // (C5)
    return error("expected a diagonal 'A' with 'method'");
  SmallVector<StringRef> steps = {"d", "dn"}, mimoSteps = {"n"};
  if (failed(shapes.match("dt", adaptor.getDt(), mimo ? mimoSteps : steps)))
    return failure();                                                    // (C5)
  if ((method == Discretization::gbt) != adaptor.getAlpha().has_value()) // (C5)
    return error("expected 'alpha' with method gbt and no other");
  if (method == Discretization::async || method == Discretization::dss) // (C5)
    return error("expected a method whose step needs 'dt' alone, got " +
                 stringifyDiscretization(*method));
  if (adaptor.getConjugate() && !complex) // (C6)
    return error("expected a complex 'A' with 'conjugate'");
  ValueRange lowRank = adaptor.getLowRank();
  if (!lowRank.empty()) {
    if (lowRank.size() != 2 || !adaptor.getConjugate() || mimo ||
        method != Discretization::bilinear) // (C7)
      return error("expected 'low_rank' to be one complex vector, with "
                   "'conjugate', method bilinear, and without 'mimo'");
    if (failed(matchAll("low_rank", lowRank, {"dn"}))) // (C7)
      return failure();
  }
  bool foh = method == Discretization::foh;
  if (foh && mimo) // (C8)
    return error("expected no 'mimo' with method foh");
  if (failed(shapes.match("reset", adaptor.getReset(), {"bl"}))) // (C10)
    return failure();
  SmallVector<StringRef> states(A.size(), mimo ? "bn" : "bdn");
  if (foh)
    states.push_back("bd");
  inferred.push_back(shapes.type(mimo ? "blo" : "bld", context));
  return inferStates(location, shapes, states, adaptor.getInit(), context,
                     inferred); // (C9)
}

LogicalResult RnnOp::inferReturnTypes(MLIRContext *context,
                                      std::optional<Location> location,
                                      Adaptor adaptor,
                                      SmallVectorImpl<Type> &inferred) {
  ShapeMatcher shapes(location);
  Value weight = adaptor.getHiddenWeight();
  if (failed(shapes.match("hidden_weight", weight, {"mn", "hmn"}))) // (C1)
    return failure();
  Cell cell = adaptor.getCell();
  int64_t gates = cell == Cell::elman ? 1 : cell == Cell::gru ? 3 : 4;
  if (shapes['m'] != gates * shapes['n']) // (C1)
    return emitOptionalError(location, "expected 'hidden_weight' of ",
                             stringifyCell(cell), " to have ", gates,
                             " rows per column, got ", weight.getType());
  bool heads = shapes.isKnown('h');
  StringRef gatesForm = heads ? "hm" : "m";
  if (Value inputWeight = adaptor.getInputWeight()) {
    if (heads) // (C3)
      return emitOptionalError(location,
                               "expected no 'input_weight' with heads");
    if (failed(shapes.match("input_weight", inputWeight, {"mi"})) || // (C3)
        failed(shapes.match("x", adaptor.getX(), {"bli"})) ||        // (C2)
        failed(shapes.match("input_bias", adaptor.getInputBias(),
                            {gatesForm}))) // (C3)
      return failure();
  } else {
    if (adaptor.getInputBias()) // (C3)
      return emitOptionalError(location,
                               "expected 'input_weight' with 'input_bias'");
    if (failed(shapes.match("x", adaptor.getX(),
                            {heads ? "blhm" : "blm"}))) // (C2)
      return failure();
  }
  if (failed(shapes.match("hidden_bias", adaptor.getHiddenBias(),
                          {gatesForm})) ||                       // (C4)
      failed(shapes.match("reset", adaptor.getReset(), {"bl"}))) // (C8)
    return failure();
  if (Value peephole = adaptor.getPeephole()) {
    if (cell != Cell::lstm || heads) // (C5)
      return emitOptionalError(location, "expected 'peephole' with lstm "
                                         "without heads only");
    shapes.set('r', 3);
    if (failed(shapes.match("peephole", peephole, {"rn"}))) // (C5)
      return failure();
  }
  if (adaptor.getRelu() && cell != Cell::elman) // (C6)
    return emitOptionalError(location, "expected 'relu' with elman only, got ",
                             stringifyCell(cell));
  inferred.push_back(shapes.type(heads ? "blhn" : "bln", context));
  SmallVector<StringRef> states(cell == Cell::slstm  ? 4
                                : cell == Cell::lstm ? 2
                                                     : 1,
                                heads ? "bhn" : "bn");
  return inferStates(location, shapes, states, adaptor.getInit(), context,
                     inferred); // (C7)
}

LogicalResult SemiringScanOp::inferReturnTypes(
    MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
    SmallVectorImpl<Type> &inferred) {
  ShapeMatcher shapes(location);
  if (failed(shapes.match("input", adaptor.getInput(), {"bln"})) || // (C1)
      failed(shapes.match("transition", adaptor.getTransition(),
                          {"nn", "blnn"})) ||                     // (C2)
      failed(shapes.match("prior", adaptor.getPrior(), {"n"})) || // (C3)
      failed(shapes.match("reset", adaptor.getReset(), {"bl"})))  // (C5)
    return failure();
  inferred.push_back(shapes.type("bln", context));
  return inferStates(location, shapes, {"bn", "b"}, adaptor.getInit(), context,
                     inferred); // (C4)
}
