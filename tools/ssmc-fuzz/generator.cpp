//===- generator.cpp - random recurrences ---------------------------------===//
//
// Axes are letters: p and q parallel, n and m of a step, one extent each
// throughout a program. A value of a body is a name and the letters of its
// axes, so that einsum notation is concatenation.
//
//===----------------------------------------------------------------------===//

#include "tools/ssmc-fuzz/generator.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <array>
#include <map>
#include <random>

using llvm::ArrayRef;
using llvm::formatv;
using llvm::SmallVector;

namespace ssmc::fuzz {
namespace {

struct Value {
  std::string name, letters;
};

class Generator {
public:
  explicit Generator(uint64_t seed) : random(seed), rare(~seed) {}

  std::string run();

private:
  // Chance.
  uint64_t below(uint64_t count) { return random() % count; }
  bool chance(unsigned percent) { return below(100) < percent; }
  /// The same, but a seed where it is false means what it did without it.
  bool rarely(unsigned percent) { return rare() % 100 < percent; }
  template <typename List> auto &oneOf(List &list) {
    return list[below(list.size())];
  }
  int64_t someExtent(std::initializer_list<int64_t> extents) {
    return extents.begin()[below(extents.size())];
  }
  /// Each letter with probability one half.
  std::string someOf(const std::string &letters) {
    std::string chosen;
    for (char letter : letters)
      if (chance(50))
        chosen += letter;
    return chosen;
  }
  std::string shuffled(std::string letters) {
    std::shuffle(letters.begin(), letters.end(), random);
    return letters;
  }

  // Text.
  void line(const std::string &text) { body += "    " + text + "\n"; }
  std::string fresh() { return "%v" + std::to_string(counter++); }
  std::string extentsText(const std::string &letters) {
    std::string text;
    for (char letter : letters)
      text += std::to_string(extents[letter]) + "x";
    return text;
  }
  /// Of a value of a body.
  std::string type(const std::string &letters) {
    return letters.empty() ? "f32" : "tensor<" + extentsText(letters) + "f32>";
  }
  std::string sequenceType(const std::string &letters) {
    return "tensor<?x?x" + extentsText(letters) + "f32>";
  }
  std::string stateType(const std::string &letters) {
    return "tensor<?x" + extentsText(letters) + "f32>";
  }
  static std::string labels(const std::string &first,
                            const std::string &letters) {
    std::string text = first;
    for (char letter : letters)
      text += (text.empty() ? "" : ", ") + std::string(1, letter);
    return "[" + text + "]";
  }

  // Values of a body.
  Value op(const std::string &text, const std::string &letters) {
    Value value{fresh(), letters};
    line(value.name + " = " + text + " : " + type(letters));
    return value;
  }
  Value constant(double number, const std::string &letters) {
    std::string text = formatv("{0:e}", number).str();
    return op("arith.constant " +
                  (letters.empty() ? text : "dense<" + text + ">"),
              letters);
  }
  Value unary(const char *name, const Value &a) {
    return op(std::string(name) + " " + a.name, a.letters);
  }
  Value binary(const char *name, const Value &a, const Value &b) {
    return op(std::string(name) + " " + a.name + ", " + b.name, a.letters);
  }
  Value product(const SmallVector<Value> &values, const std::string &letters) {
    Value value{fresh(), letters};
    std::vector<std::string> groups, names, types;
    for (const Value &each : values) {
      groups.push_back(each.letters);
      names.push_back(each.name);
      types.push_back(type(each.letters));
    }
    line(value.name + " = ssm.contract \"" + llvm::join(groups, ",") + "->" +
         letters + "\" " + llvm::join(names, ", ") + " : (" +
         llvm::join(types, ", ") + ") -> " + type(letters));
    return value;
  }
  Value contract(const Value &a, const Value &b, const std::string &letters) {
    return product({a, b}, letters);
  }
  Value contract(const Value &a, const std::string &letters) {
    return product({a}, letters);
  }
  Value scaled(const Value &a, double factor) {
    return binary("arith.mulf", a, constant(factor, a.letters));
  }
  /// `factor` times `value`, the factor having some of its letters.
  Value scaledBy(const Value &factor, const Value &value) {
    if (factor.letters == value.letters)
      return binary("arith.mulf", factor, value);
    return contract(factor, value, value.letters);
  }

  Value bounded(const Value &a);
  Value reshaped(const Value &a, const std::string &letters);
  Value some(const SmallVector<Value> &from, const std::string &letters) {
    return reshaped(from[below(from.size())], letters);
  }
  Value random_op(const SmallVector<Value> &from);
  Value sumOfProducts(const SmallVector<Value> &from);
  Value decayed(const Value &state);
  Value decayedByProduct(const Value &state);
  Value combined(const Value &state);
  Value nextState(const Value &state);

  // A recurrence, from its operands to its text.
  struct Sequence {
    std::string name, letters;
  };
  void open();
  void addInput(const std::string &name, const std::string &labelText,
                const std::string &typeText, const std::string &letters);
  void addSequence(const Sequence &sequence);
  void addWeight(const std::string &letters);
  void addState(const std::string &letters);
  void close(const SmallVector<Value> &outputs, const SmallVector<Value> &next);
  void recurrence();
  void addArgument(const std::string &letters);
  void smallRecurrences();
  void largeCell();

  std::mt19937_64 random, rare;
  std::map<char, int64_t> extents;
  std::string parallel, step; // letters
  std::string arguments, top, body, results, resultTypes;
  std::vector<Sequence> sequences; // that a recurrence may read
  unsigned counter = 0, weights = 0;
  // Of the recurrence at hand.
  SmallVector<Value> inputs, states; // values of its body
  std::vector<std::string> operands, operandTypes, blockArguments;
  std::vector<std::string> stateText, stateTypes;
  std::string used; // letters on some axis
};

/// Something in [-1, 1] or close to it.
Value Generator::bounded(const Value &a) {
  switch (below(5)) {
  case 0:
    return unary("ssm.sigmoid", a);
  case 1:
    return scaled(a, 0.25);
  case 2:
    return unary("math.sin", a);
  default:
    return unary("math.tanh", a);
  }
}

/// A value with exactly `letters` computed from `a`: sums over others, products
/// with constants for those it lacks.
Value Generator::reshaped(const Value &a, const std::string &letters) {
  if (a.letters == letters)
    return a;
  std::string kept, lacking;
  double terms = 1;
  for (char letter : a.letters) {
    if (llvm::is_contained(letters, letter))
      kept += letter;
    else
      terms *= static_cast<double>(extents[letter]);
  }
  for (char letter : letters)
    if (!llvm::is_contained(a.letters, letter))
      lacking += letter;
  if (lacking.empty()) {
    Value sum = contract(a, letters);
    return terms > 1 ? scaled(sum, 1 / terms) : sum;
  }
  Value other = constant(0.5, lacking);
  for (const Value &input : inputs)
    if (input.letters == lacking && chance(70))
      other = input;
  if (kept.size() == a.letters.size())
    return contract(a, other, letters);
  return contract(scaled(contract(a, kept), 1 / terms), other, letters);
}

Value Generator::random_op(const SmallVector<Value> &from) {
  Value a = from[below(from.size())];
  switch (below(9)) {
  case 0:
    return unary("ssm.softplus", a);
  case 1:
    return unary("ssm.silu", a);
  case 2:
    return binary("arith.addf", a, some(from, a.letters));
  case 3:
    return binary("arith.subf", a, some(from, a.letters));
  case 4:
    return binary("arith.mulf", a, bounded(some(from, a.letters)));
  case 5:
    return binary(chance(50) ? "arith.maximumf" : "arith.minimumf", a,
                  some(from, a.letters));
  case 6: { // exp(-softplus(a)), a decay
    Value positive = unary("ssm.softplus", a);
    return unary("math.exp", unary("arith.negf", positive));
  }
  case 7: { // a / (1 + b^2)
    Value b = some(from, a.letters);
    Value square = binary("arith.mulf", b, b);
    return binary("arith.divf", a,
                  binary("arith.addf", constant(1, a.letters), square));
  }
  default:
    return reshaped(a, shuffled(someOf(step)));
  }
}

/// One contraction of three or four values.
Value Generator::sumOfProducts(const SmallVector<Value> &from) {
  SmallVector<Value> factors;
  std::string letters, chosen;
  for (unsigned i = 0, count = 3 + rare() % 2; i < count; ++i) {
    factors.push_back(unary("math.tanh", from[rare() % from.size()]));
    for (char letter : factors.back().letters)
      if (!llvm::is_contained(letters, letter))
        letters += letter;
  }
  double terms = 1;
  for (char letter : letters)
    if (rarely(50))
      chosen += letter;
    else
      terms *= static_cast<double>(extents[letter]);
  return scaled(product(factors, chosen), 1 / terms);
}

/// What is left of a state after one step, by one contraction of three.
Value Generator::decayedByProduct(const Value &state) {
  const std::string &letters = state.letters;
  // A covariance that a matrix moves: its letters only pair axes here.
  if (letters.size() == 2 && extents[letters[0]] == extents[letters[1]])
    for (const Value &input : inputs) {
      if (input.letters.size() != 2)
        continue;
      int64_t extent = extents['i'] = extents['j'] = extents[letters[0]];
      Value left = scaled(unary("math.tanh", input), 1 / double(extent));
      Value right = left, middle = state;
      left.letters = {letters[0], 'i'};
      right.letters = {letters[1], 'j'};
      middle.letters = "ij";
      return product({left, middle, right}, letters);
    }
  SmallVector<Value> factors = {state};
  for (unsigned i = 0; i < 2; ++i) {
    std::string own;
    for (char letter : letters)
      if (rarely(50))
        own += letter;
    Value factor = reshaped(inputs[rare() % inputs.size()], own);
    factors.insert(factors.begin() + rare() % (factors.size() + 1),
                   unary("math.tanh", factor));
  }
  return product(factors, letters);
}

/// What is left of a state after one step, by one of the ways of the
/// literature.
Value Generator::decayed(const Value &state) {
  const std::string &letters = state.letters;
  switch (below(7)) {
  case 0: // identity
    return state;
  case 1: // a number
    return scaled(state, chance(30) ? -0.5 : 0.9);
  case 2: // one number per step
    return scaledBy(bounded(some(inputs, "")), state);
  case 3: { // a vector along one axis
    std::string one(
        letters.empty() ? "" : std::string(1, letters[below(letters.size())]));
    return scaledBy(unary("ssm.sigmoid", some(inputs, one)), state);
  }
  case 4: // of its own for every element
    return binary("arith.mulf", unary("ssm.sigmoid", some(inputs, letters)),
                  state);
  case 5: { // less its part along a vector
    if (letters.empty())
      return scaled(state, 0.5);
    std::string along(1, letters[below(letters.size())]), rest;
    for (char letter : letters)
      if (letter != along[0])
        rest += letter;
    Value key = scaled(unary("math.tanh", some(inputs, along)),
                       0.9 / std::sqrt(double(extents[along[0]])));
    Value read = contract(key, state, rest);
    return binary("arith.subf", state,
                  scaled(contract(key, read, letters), chance(30) ? 2.0 : 1.0));
  }
  default: { // a matrix
    Value previous = state;
    for (const Value &input : inputs) {
      if (letters.size() != 1 || input.letters.size() != 2 ||
          extents[input.letters[0]] != extents[input.letters[1]])
        continue;
      Value matrix = scaled(unary("math.tanh", input),
                            1.0 / double(extents[input.letters[0]]));
      // Here the letters only pair axes: i and j have one extent.
      matrix.letters = chance(50) ? "ij" : "ji";
      Value next{fresh(), letters};
      if (extents[input.letters[0]] != extents[letters[0]])
        continue;
      line(next.name + " = ssm.contract \"" + matrix.letters + ",j->i\" " +
           matrix.name + ", " + state.name + " : (" + type(input.letters) +
           ", " + type(letters) + ") -> " + type(letters));
      return next;
    }
    return unary("math.tanh", previous);
  }
  }
}

/// The state combined with an input by a declared monoid.
Value Generator::combined(const Value &state) {
  static constexpr std::array combinations = {
      "arith.maximumf", "arith.minimumf", "arith.addf", "arith.mulf"};
  const char *combination = oneOf(combinations);
  Value element = bounded(some(inputs, state.letters));
  Value next{fresh(), state.letters};
  std::string kind = type(state.letters);
  line(next.name + " = ssm.combine " + state.name + " with " + element.name +
       " : " + kind + " with " + kind + " {");
  line("^act(%a: " + kind + ", %b: " + kind + "):");
  line(std::string("  %c = ") + combination + " %a, %b : " + kind);
  line("  ssm.yield %c : " + kind);
  line("}");
  return next;
}

Value Generator::nextState(const Value &state) {
  const std::string &letters = state.letters;
  SmallVector<Value> all = inputs;
  all.append(states.begin(), states.end());
  Value next;
  switch (below(9)) {
  case 0: // any nonlinear body
    next = unary("math.tanh", binary("arith.addf",
                                     random_op(states).letters == letters
                                         ? state
                                         : some(all, letters),
                                     some(all, letters)));
    break;
  case 1: // max-plus
    next = binary("arith.maximumf",
                  binary("arith.addf", state,
                         scaled(bounded(some(inputs, letters)), 0.1)),
                  some(inputs, letters));
    break;
  case 2: // a gate of the state itself
    next = binary(
        "arith.addf",
        binary("arith.mulf", state, unary("ssm.sigmoid", some(all, letters))),
        bounded(some(inputs, letters)));
    break;
  case 3:
    next = combined(state);
    break;
  default: {
    Value kept = rarely(15) ? decayedByProduct(state) : decayed(state);
    Value added = some(inputs, letters);
    if (chance(30)) { // an outer product, if there are two axes
      if (letters.size() == 2)
        added = contract(some(inputs, letters.substr(0, 1)),
                         some(inputs, letters.substr(1)), letters);
    }
    bool adds = chance(85);
    if (rarely(20)) { // all in one op, times a number
      Value factor = reshaped(inputs[rare() % inputs.size()], "");
      next = Value{fresh(), letters};
      line(next.name + " = ssm.contract \"" + letters +
           (adds ? " + ," : " - ,") + letters + " -> " + letters + "\" " +
           kept.name + ", " + factor.name + ", " + added.name + " : (" +
           type(letters) + ", f32, " + type(letters) + ") -> " + type(letters));
    } else {
      next = binary(adds ? "arith.addf" : "arith.subf", kept, added);
    }
  }
  }
  // A reset where an input is large: a comparison of what is not computed.
  if (chance(20)) {
    for (const Value &input : inputs) {
      if (!input.letters.empty())
        continue;
      std::string limit = constant(1.2, "").name, on = fresh();
      line(on + " = arith.cmpf ogt, " + input.name + ", " + limit + " : f32");
      Value zero = constant(0, letters), chosen{fresh(), letters};
      Value other = chance(50) ? zero : some(inputs, letters);
      line(chosen.name + " = arith.select " + on + ", " + other.name + ", " +
           next.name + " : " + type(letters));
      return chosen;
    }
  }
  return next;
}

void Generator::open() {
  operands.clear();
  operandTypes.clear();
  blockArguments.clear();
  stateText.clear();
  stateTypes.clear();
  used.clear();
  inputs.clear();
  states.clear();
  body.clear();
}

void Generator::addInput(const std::string &name, const std::string &labelText,
                         const std::string &typeText,
                         const std::string &letters) {
  operands.push_back(name + labelText);
  operandTypes.push_back(typeText);
  std::string slice;
  llvm::copy_if(letters, std::back_inserter(slice),
                [&](char letter) { return llvm::is_contained(step, letter); });
  Value argument{"%a" + std::to_string(counter++), slice};
  blockArguments.push_back(argument.name + ": " + type(slice));
  inputs.push_back(argument);
  used += letters;
}

void Generator::addSequence(const Sequence &sequence) {
  addInput(sequence.name, labels("b, l", sequence.letters),
           sequenceType(sequence.letters), sequence.letters);
}

void Generator::addWeight(const std::string &letters) {
  std::string name = "%w" + std::to_string(weights),
              typeText = "tensor<" + extentsText(letters) + "f32>";
  top += "  " + name + " = ssm.weight \"w" + std::to_string(weights++) +
         "\" : " + typeText + "\n";
  addInput(name, labels("", letters), typeText, letters);
}

void Generator::addState(const std::string &letters) {
  Value argument{"%s" + std::to_string(counter++), letters};
  blockArguments.push_back(argument.name + ": " + type(letters));
  stateText.push_back("\"state" + std::to_string(states.size()) + "\" " +
                      labels("b", parallel + letters));
  stateTypes.push_back(stateType(parallel + letters));
  states.push_back(argument);
  used += letters;
}

/// Writes the recurrence that yields `outputs` and the states `next`.
void Generator::close(const SmallVector<Value> &outputs,
                      const SmallVector<Value> &next) {
  std::vector<std::string> yields, yieldTypes, outText, outTypes, made;
  for (const Value &value : outputs) {
    yields.push_back(value.name);
    yieldTypes.push_back(type(value.letters));
    outText.push_back(labels("b, l", parallel + value.letters));
    outTypes.push_back(sequenceType(parallel + value.letters));
    used += value.letters;
    made.push_back("%y" + std::to_string(counter++));
    sequences.push_back({made.back(), parallel + value.letters});
    results += (results.empty() ? "" : ", ") + made.back();
    resultTypes += (resultTypes.empty() ? "" : ", ") + outTypes.back();
  }
  for (const Value &value : next) {
    yields.push_back(value.name);
    yieldTypes.push_back(type(value.letters));
    made.push_back("%f" + std::to_string(counter++));
  }
  std::string stepLabels;
  for (char letter : step)
    if (llvm::is_contained(used, letter))
      stepLabels += (stepLabels.empty() ? "" : ", ") + std::string(1, letter);
  top += "  " + llvm::join(made, ", ") + " = ssm.recurrence sequence(l) step(" +
         stepLabels + ")" + (chance(12) ? " reverse" : "") + "\n      ins(" +
         llvm::join(operands, ", ") + " : " + llvm::join(operandTypes, ", ") +
         ")\n      outs(" + llvm::join(outText, ", ") + " : " +
         llvm::join(outTypes, ", ") + ")\n      states(" +
         llvm::join(stateText, ", ") + " : " + llvm::join(stateTypes, ", ") +
         ") {\n  ^step(" + llvm::join(blockArguments, ", ") + "):\n" + body +
         "    ssm.yield " + llvm::join(yields, ", ") + " : " +
         llvm::join(yieldTypes, ", ") + "\n  }\n";
}

void Generator::recurrence() {
  open();
  for (unsigned i = 0, count = 1 + below(4); i < count; ++i)
    addSequence(oneOf(sequences));
  for (unsigned i = 0, count = below(3); i < count; ++i) {
    std::string letters = someOf(parallel) + someOf(step);
    if (chance(30))
      letters = shuffled(letters);
    if (!letters.empty())
      addWeight(letters);
  }
  for (unsigned i = 0, count = 1 + below(3); i < count; ++i)
    addState(shuffled(someOf(step)));

  for (unsigned i = 0, count = below(5); i < count; ++i)
    inputs.push_back(random_op(inputs));
  if (rarely(15))
    inputs.push_back(sumOfProducts(inputs));
  SmallVector<Value> next, outputs;
  for (const Value &state : states)
    next.push_back(nextState(state));
  SmallVector<Value> seen = next;
  seen.append(states.begin(), states.end());
  for (unsigned i = 0, count = 1 + below(2); i < count; ++i) {
    std::string letters = shuffled(someOf(step));
    Value value = some(seen, letters);
    if (chance(50))
      value = binary(chance(50) ? "arith.mulf" : "arith.addf", value,
                     some(inputs, letters));
    if (chance(20))
      value = bounded(value);
    outputs.push_back(value);
  }
  close(outputs, next);
}

void Generator::addArgument(const std::string &letters) {
  std::string name = "%x" + std::to_string(sequences.size());
  arguments +=
      (sequences.empty() ? "" : ", ") + name + ": " + sequenceType(letters);
  sequences.push_back({name, letters});
}

/// A recurrence of dense products that are large enough for its steps to be
/// divided: gates of one vector or of several, with matrices either way round,
/// beside a state without one.
void Generator::largeCell() {
  open();
  parallel = chance(30) ? "p" : "";
  step = "knm";
  extents['p'] = someExtent({2, 3});
  int64_t extent = someExtent({270, 304, 333, 350, 381}), gates = 2 + below(3);
  extents['n'] = extents['m'] = extent;
  extents['k'] = gates * extent;
  bool together = chance(50);
  for (int64_t i = 0, count = together ? 1 : gates; i < count; ++i) {
    addArgument(parallel + (together ? "k" : "n"));
    addSequence(sequences.back());
  }
  SmallVector<Value> gateInputs = inputs, preactivations;
  for (int64_t i = 0; i < gates; ++i)
    addWeight(parallel + "nm");
  ArrayRef<Value> matrices = ArrayRef(inputs).take_back(gates);
  addState("n");
  addState("n");
  for (int64_t i = 0; i < gates; ++i) {
    Value input = gateInputs[together ? 0 : i];
    if (together) {
      Value slice{fresh(), "n"};
      line(slice.name + " = tensor.extract_slice " + input.name + "[" +
           std::to_string(i * extent) + "] [" + std::to_string(extent) +
           "] [1] : " + type("k") + " to " + type("n"));
      input = slice;
    }
    Value matrix = matrices[i], before = states[0];
    before.letters = "m";
    if (chance(30))
      matrix.letters = "mn";
    Value sum = scaled(product({matrix, before}, "n"),
                       1 / std::sqrt(static_cast<double>(extent)));
    preactivations.push_back(binary("arith.addf", input, sum));
  }
  SmallVector<Value> gated;
  for (const Value &value : preactivations)
    gated.push_back(bounded(value));
  Value slow = binary(
      "arith.addf",
      binary("arith.mulf", states[1], unary("ssm.sigmoid", preactivations[0])),
      gated[below(gated.size())]);
  Value next = binary("arith.mulf", oneOf(gated), unary("math.tanh", slow));
  if (chance(30)) { // what every part needs whole
    Value square = scaled(product({states[1], states[1]}, ""), 1.0 / extent);
    Value spread{fresh(), "n"};
    line(spread.name + " = tensor.splat " + unary("math.tanh", square).name +
         " : " + type("n"));
    next = binary("arith.mulf", next, spread);
  }
  SmallVector<Value> outputs = {next};
  if (chance(30))
    outputs.push_back(binary("arith.addf", slow, states[0]));
  close(outputs, {next, slow});
}

/// Up to two recurrences of small shapes, of which later ones may read what
/// earlier ones gave.
void Generator::smallRecurrences() {
  const char *parallels[] = {"", "p", "p", "p", "pq"};
  const char *steps[] = {"", "n", "n", "nm", "nm"};
  parallel = parallels[below(5)];
  step = steps[below(5)];
  for (char letter : parallel)
    extents[letter] = someExtent({1, 2, 3, 5, 8, 15, 16, 17, 33, 40});
  for (char letter : step)
    extents[letter] = someExtent({1, 2, 3, 4, 5, 8, 16, 19});
  if (step.size() == 2 && chance(40))
    extents['m'] = extents['n'];
  for (unsigned i = 0, count = 1 + below(4); i < count; ++i)
    // Labels of states and outputs give the extents that inputs lack.
    addArgument(someOf(parallel) + someOf(step));
  for (unsigned i = 0, count = chance(75) ? 1 : 2; i < count; ++i)
    recurrence();
}

std::string Generator::run() {
  if (rarely(2))
    largeCell();
  else
    smallRecurrences();
  return "func.func @forward(" + arguments + ") -> (" + resultTypes + ") {\n" +
         top + "  return " + results + " : " + resultTypes + "\n}\n";
}

} // namespace

std::string generateProgram(uint64_t seed) { return Generator(seed).run(); }

} // namespace ssmc::fuzz
