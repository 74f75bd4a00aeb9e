/// Ops that act on each element alone. Each formula is written out here, not
/// taken from the op's decomposition.

#include "compiler/Interpreter/Evaluator.h"
#include "dialects/Ssm/SsmDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <array>
#include <cmath>
#include <complex>

using namespace mlir;

namespace ssmc::interpreter {

/// Checks that all operands have the shape of the first.
template <typename T>
static LogicalResult checkOneShape(Operation *op, const Frame<T> &frame) {
  ArrayRef<int64_t> first = frame.get(op->getOperand(0)).shape;
  for (Value operand : op->getOperands())
    if (ArrayRef<int64_t> shape = frame.get(operand).shape; shape != first)
      return op->emitOpError("expected operands of one shape, got ")
             << shapeText(first) << " and " << shapeText(shape);
  return success();
}

/// Adds a rule for an op of N floats that gives one.
template <typename Op, typename T, typename F, size_t... I>
static void addElementwise(Rules<T> &rules, F f, std::index_sequence<I...>) {
  rules.template add<Op>([f](Op op, Frame<T> &frame) -> LogicalResult {
    if (failed(checkOneShape(op, frame)))
      return failure();
    Array<T> result = frame.zeros(frame.get(op->getOperand(0)).shape);
    const T *in[] = {frame.get(op->getOperand(I)).floats.data()...};
    for (size_t i = 0, size = result.floats.size(); i < size; ++i)
      result.floats[i] = f(in[I][i]...);
    frame.set(op->getResult(0), std::move(result));
    return success();
  });
}
template <typename Op, typename T, typename F>
static void addUnary(Rules<T> &rules, F f) {
  addElementwise<Op>(rules, f, std::make_index_sequence<1>());
}
template <typename Op, typename T, typename F>
static void addBinary(Rules<T> &rules, F f) {
  addElementwise<Op>(rules, f, std::make_index_sequence<2>());
}
template <typename Op, typename T, typename F>
static void addTernary(Rules<T> &rules, F f) {
  addElementwise<Op>(rules, f, std::make_index_sequence<3>());
}

//===----------------------------------------------------------------------===//
// Formulas
//===----------------------------------------------------------------------===//

template <typename T> static T maximum(T a, T b) {
  if (std::isnan(a) || std::isnan(b))
    return a + b;
  if (a == b) // +0 is above -0
    return std::signbit(a) ? b : a;
  return a > b ? a : b;
}

template <typename T> static T minimum(T a, T b) { return -maximum(-a, -b); }

template <typename T> static T softplus(T x) {
  return x > T(20) ? x : std::log1p(std::exp(x));
}

template <typename T>
static bool compare(arith::CmpFPredicate predicate, T a, T b) {
  using P = arith::CmpFPredicate;
  bool unordered = std::isnan(a) || std::isnan(b);
  switch (predicate) {
  case P::AlwaysFalse:
    return false;
  case P::OEQ:
    return a == b;
  case P::OGT:
    return a > b;
  case P::OGE:
    return a >= b;
  case P::OLT:
    return a < b;
  case P::OLE:
    return a <= b;
  case P::ONE:
    return !unordered && a != b;
  case P::ORD:
    return !unordered;
  case P::UEQ:
    return unordered || a == b;
  case P::UGT:
    return unordered || a > b;
  case P::UGE:
    return unordered || a >= b;
  case P::ULT:
    return unordered || a < b;
  case P::ULE:
    return unordered || a <= b;
  case P::UNE:
    return a != b;
  case P::UNO:
    return unordered;
  case P::AlwaysTrue:
    return true;
  }
  llvm_unreachable("every predicate is handled");
}

/// exp(z) - 1 without cancellation.
template <typename T> static T expm1Of(T z) { return std::expm1(z); }
template <typename T> static std::complex<T> expm1Of(std::complex<T> z) {
  T half = std::sin(z.imag() / 2);
  return {std::expm1(z.real()) * std::cos(z.imag()) - 2 * half * half,
          std::exp(z.real()) * std::sin(z.imag())};
}

template <typename T> static T mirrored(T x) { return x; }
template <typename T> static std::complex<T> mirrored(std::complex<T> x) {
  return std::conj(x);
}

/// sum_k coefficient(k) z^k / (k + 2)! for small z.
template <typename N, typename F> static N series(N z, F coefficient) {
  N sum = 0, power = 1;
  double factorial = 2;
  for (int k = 0; k < 20; ++k) {
    sum += power * N(coefficient(k) / factorial);
    power *= z;
    factorial *= k + 3;
  }
  return sum;
}

/// Decay and gain of one element, from the table in the op's description, and
/// the gain of the sample before, which only foh has. N is real or complex.
template <typename N, typename T>
static std::array<N, 3> discretize(ssm::DiscretizeOp op, T dt, N a, T elapsed) {
  N z = dt * a, one = 1, half = T(0.5);
  T alpha = op.getAlpha() ? op.getAlpha()->convertToDouble() : 0;
  switch (op.getMethod()) {
  case ssm::Discretization::zoh:
    return {std::exp(z), a == N(0) ? N(dt) : expm1Of(z) / a};
  case ssm::Discretization::bilinear:
    return {(one + half * z) / (one - half * z), dt / (one - half * z)};
  case ssm::Discretization::euler:
    return {one + z, dt};
  case ssm::Discretization::backward_euler:
    return {one / (one - z), dt / (one - z)};
  case ssm::Discretization::gbt:
    return {(one + (1 - alpha) * z) / (one - alpha * z),
            dt / (one - alpha * z)};
  case ssm::Discretization::dirac:
    return {std::exp(z), 1};
  case ssm::Discretization::exp_euler:
    return {std::exp(z), dt};
  case ssm::Discretization::foh:
    if (std::abs(z) < 0.5)
      return {std::exp(z), dt * series(z, [](int) { return 1.0; }),
              dt * series(z, [](int k) { return k + 1.0; })};
    return {std::exp(z), dt * (expm1Of(z) - z) / (z * z),
            dt * (z * std::exp(z) - expm1Of(z)) / (z * z)};
  case ssm::Discretization::async:
    return {std::exp(elapsed * z), a == N(0) ? N(dt) : expm1Of(z) / a};
  case ssm::Discretization::dss: {
    N x = a * expm1Of(T(*op.getLength()) * z);
    T eps = op.getEps() ? op.getEps()->convertToDouble() : 0;
    return {std::exp(z), expm1Of(z) / (x + eps / mirrored(x))};
  }
  case ssm::Discretization::ema:
    return {one - z, dt};
  }
  llvm_unreachable("every method is handled");
}

//===----------------------------------------------------------------------===//
// Ops that are more than a formula
//===----------------------------------------------------------------------===//

template <typename T>
static LogicalResult evaluateCompare(arith::CmpFOp op, Frame<T> &frame) {
  if (failed(checkOneShape(op, frame)))
    return failure();
  const Array<T> &a = frame.get(op.getLhs()), &b = frame.get(op.getRhs());
  Array<T> result{a.shape, {}, {}};
  result.integers.reserve(a.floats.size());
  for (auto [x, y] : llvm::zip_equal(a.floats, b.floats))
    result.integers.push_back(compare(op.getPredicate(), x, y));
  frame.set(op.getResult(), std::move(result));
  return success();
}

/// Adds a rule for an op of two tensors of integers that gives integers.
template <typename Op, typename T, typename F>
static void addOfIntegers(Rules<T> &rules, F f) {
  rules.template add<Op>([f](Op op, Frame<T> &frame) -> LogicalResult {
    if (failed(checkOneShape(op, frame)))
      return failure();
    const Array<T> &a = frame.get(op.getLhs()), &b = frame.get(op.getRhs());
    Array<T> result{a.shape, {}, {}};
    result.integers.reserve(a.integers.size());
    for (auto [x, y] : llvm::zip_equal(a.integers, b.integers))
      result.integers.push_back(f(op, x, y));
    frame.set(op.getResult(), std::move(result));
    return success();
  });
}

/// The bits of a stored integer, of which a truth value has one.
static APInt bitsOf(Type type, int64_t stored) {
  unsigned width = getElementTypeOrSelf(type).getIntOrFloatBitWidth();
  return APInt(width, stored, /*isSigned=*/true, /*implicitTrunc=*/true);
}

/// Adds a rule for arithmetic on integers, which wraps around.
template <typename Op, typename T, typename F>
static void addModular(Rules<T> &rules, F f) {
  addOfIntegers<Op>(rules, [f](Op op, int64_t a, int64_t b) {
    Type type = op.getLhs().getType();
    APInt result = f(bitsOf(type, a), bitsOf(type, b));
    return result.getBitWidth() == 1 ? int64_t(result.getZExtValue())
                                     : result.getSExtValue();
  });
}

/// Adds a rule for an op of integers that gives floats.
template <typename Op, typename T>
static void addToFloats(Rules<T> &rules, bool isSigned) {
  rules.template add<Op>([=](Op op, Frame<T> &frame) -> LogicalResult {
    const Array<T> &in = frame.get(op.getIn());
    Array<T> result{in.shape, {}, {}};
    for (int64_t value : in.integers)
      result.floats.push_back(
          bitsOf(op.getIn().getType(), value).roundToDouble(isSigned));
    frame.set(op.getOut(), std::move(result));
    return success();
  });
}

/// The condition is one truth value, or one per element.
template <typename T>
static LogicalResult evaluateSelect(arith::SelectOp op, Frame<T> &frame) {
  const Array<T> &condition = frame.get(op.getCondition());
  const Array<T> &yes = frame.get(op.getTrueValue());
  const Array<T> &no = frame.get(op.getFalseValue());
  if (yes.shape != no.shape ||
      (!condition.shape.empty() && condition.shape != yes.shape))
    return op.emitOpError("expected operands of one shape, got ")
           << shapeText(condition.shape) << ", " << shapeText(yes.shape)
           << " and " << shapeText(no.shape);
  int64_t perTest =
      condition.shape.empty() ? countElements(yes.shape) : int64_t(1);
  Array<T> result = yes;
  for (size_t i = 0; i < no.floats.size(); ++i)
    if (!condition.integers[i / perTest])
      result.floats[i] = no.floats[i];
  for (size_t i = 0; i < no.integers.size(); ++i)
    if (!condition.integers[i / perTest])
      result.integers[i] = no.integers[i];
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T>
static LogicalResult evaluateConstant(arith::ConstantOp op, Frame<T> &frame) {
  Array<T> result;
  result.shape.assign(shapeOf(op.getType()));
  if (auto value = dyn_cast<FloatAttr>(op.getValue())) {
    result.floats = {T(value.getValueAsDouble())};
  } else if (auto value = dyn_cast<IntegerAttr>(op.getValue())) {
    result.integers = {value.getType().isInteger(1) ? value.getValue() != 0
                                                    : value.getInt()};
  } else if (auto values = dyn_cast<DenseFPElementsAttr>(op.getValue())) {
    for (APFloat value : values.getValues<APFloat>()) {
      bool inexact;
      value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                    &inexact);
      result.floats.push_back(T(value.convertToDouble()));
    }
  } else if (auto values = dyn_cast<DenseIntElementsAttr>(op.getValue())) {
    bool isBool = values.getElementType().isInteger(1);
    for (const APInt &value : values.getValues<APInt>())
      result.integers.push_back(isBool ? !value.isZero()
                                       : value.getSExtValue());
  } else {
    return op.emitOpError(
               "expected a number or a dense tensor of numbers, got ")
           << op.getValue();
  }
  auto repeat = [&](auto &elements) {
    size_t size = elements.size();
    elements.resize(size * frame.lanes);
    for (size_t i = size; i < elements.size(); ++i)
      elements[i] = elements[i - size];
  };
  repeat(result.floats);
  repeat(result.integers);
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T>
static LogicalResult evaluateDiscretize(ssm::DiscretizeOp op, Frame<T> &frame) {
  const Array<T> &dt = frame.get(op.getDt()), &a = frame.get(op.getA());
  if (!dt.shape.empty() && dt.shape != a.shape)
    return op.emitOpError("expected 'dt' to be a scalar or to have the shape "
                          "of 'a', ")
           << shapeText(a.shape) << ", got " << shapeText(dt.shape);
  if (op.getImag() && frame.get(op.getImag()).shape != a.shape)
    return op.emitOpError("expected 'imag' to have the shape of 'a', ")
           << shapeText(a.shape) << ", got "
           << shapeText(frame.get(op.getImag()).shape);
  // A scalar is one number in each lane.
  auto at = [&](const Array<T> &value, size_t i) {
    return value.floats[value.shape.empty() ? i / countElements(a.shape) : i];
  };
  const Array<T> *elapsed =
      op.getElapsed() ? &frame.get(op.getElapsed()) : nullptr;
  if (elapsed && !elapsed->shape.empty() && elapsed->shape != a.shape)
    return op.emitOpError("expected 'elapsed' to be a scalar or to have the "
                          "shape of 'a', ")
           << shapeText(a.shape) << ", got " << shapeText(elapsed->shape);
  const T *imag =
      op.getImag() ? frame.get(op.getImag()).floats.data() : nullptr;
  SmallVector<Array<T>> results(op->getNumResults(), frame.zeros(a.shape));
  size_t parts = results.size() / (imag ? 2 : 1);
  for (size_t i = 0; i < a.floats.size(); ++i) {
    T step = at(dt, i), since = elapsed ? at(*elapsed, i) : 0;
    if (!imag) {
      auto values = discretize<T>(op, step, a.floats[i], since);
      for (size_t part = 0; part < parts; ++part)
        results[part].floats[i] = values[part];
      continue;
    }
    std::complex<T> pole(a.floats[i], imag[i]);
    auto values = discretize<std::complex<T>>(op, step, pole, since);
    for (size_t part = 0; part < parts; ++part) {
      results[part].floats[i] = values[part].real();
      results[parts + part].floats[i] = values[part].imag();
    }
  }
  for (auto [value, array] : llvm::zip_equal(op->getResults(), results))
    frame.set(value, std::move(array));
  return success();
}

/// Adds a rule for an op on pairs (real, imaginary) that gives one pair.
template <typename Op, typename T, typename F>
static void addComplex(Rules<T> &rules, F f) {
  rules.template add<Op>([f](Op op, Frame<T> &frame) -> LogicalResult {
    if (failed(checkOneShape(op, frame)))
      return failure();
    SmallVector<const T *> in;
    for (Value operand : op->getOperands())
      in.push_back(frame.get(operand).floats.data());
    Array<T> re = frame.zeros(frame.get(op->getOperand(0)).shape), im = re;
    for (size_t i = 0; i < re.floats.size(); ++i) {
      SmallVector<std::complex<T>> numbers;
      for (size_t pair = 0; pair < in.size(); pair += 2)
        numbers.push_back({in[pair][i], in[pair + 1][i]});
      std::complex<T> result = f(numbers);
      re.floats[i] = result.real();
      im.floats[i] = result.imag();
    }
    frame.set(op.getRe(), std::move(re));
    frame.set(op.getIm(), std::move(im));
    return success();
  });
}

template <typename T>
static LogicalResult evaluateTruncate(arith::TruncFOp op, Frame<T> &frame) {
  auto type = cast<FloatType>(getElementTypeOrSelf(op.getType()));
  Array<T> result = frame.get(op.getIn());
  for (T &value : result.floats)
    value = T(roundTo(value, type));
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T> void addPointwiseRules(Rules<T> &rules) {
  addBinary<arith::AddFOp>(rules, [](T a, T b) { return a + b; });
  addBinary<arith::SubFOp>(rules, [](T a, T b) { return a - b; });
  addBinary<arith::MulFOp>(rules, [](T a, T b) { return a * b; });
  addBinary<arith::DivFOp>(rules, [](T a, T b) { return a / b; });
  addBinary<arith::MaximumFOp>(rules, maximum<T>);
  addBinary<arith::MinimumFOp>(rules, minimum<T>);
  addUnary<arith::NegFOp>(rules, [](T x) { return -x; });
  addUnary<arith::ExtFOp>(rules, [](T x) { return x; });

  addUnary<math::AbsFOp>(rules, [](T x) { return std::fabs(x); });
  addUnary<math::ExpOp>(rules, [](T x) { return std::exp(x); });
  addUnary<math::Exp2Op>(rules, [](T x) { return std::exp2(x); });
  addUnary<math::ExpM1Op>(rules, [](T x) { return std::expm1(x); });
  addUnary<math::LogOp>(rules, [](T x) { return std::log(x); });
  addUnary<math::Log1pOp>(rules, [](T x) { return std::log1p(x); });
  addUnary<math::TanhOp>(rules, [](T x) { return std::tanh(x); });
  addUnary<math::SqrtOp>(rules, [](T x) { return std::sqrt(x); });
  addUnary<math::RsqrtOp>(rules, [](T x) { return 1 / std::sqrt(x); });
  addUnary<math::SinOp>(rules, [](T x) { return std::sin(x); });
  addUnary<math::CosOp>(rules, [](T x) { return std::cos(x); });
  addBinary<math::PowFOp>(rules, [](T a, T b) { return std::pow(a, b); });
  addTernary<math::FmaOp>(rules,
                          [](T a, T b, T c) { return std::fma(a, b, c); });

  addUnary<ssm::SigmoidOp>(rules, [](T x) { return 1 / (1 + std::exp(-x)); });
  addUnary<ssm::SiluOp>(rules, [](T x) { return x / (1 + std::exp(-x)); });
  addUnary<ssm::GeluOp>(
      rules, [](T x) { return x / 2 * (1 + std::erf(x / std::sqrt(T(2)))); });
  addUnary<ssm::SoftplusOp>(rules, softplus<T>);
  addUnary<ssm::ReluOp>(rules, [](T x) { return maximum<T>(x, 0); });

  using Numbers = ArrayRef<std::complex<T>>;
  addComplex<ssm::ComplexMulOp>(rules, [](Numbers n) { return n[0] * n[1]; });
  addComplex<ssm::ComplexDivOp>(rules, [](Numbers n) { return n[0] / n[1]; });
  addComplex<ssm::ComplexExpOp>(rules,
                                [](Numbers n) { return std::exp(n[0]); });

  rules.template add<arith::CmpFOp>(evaluateCompare<T>);
  rules.template add<arith::SelectOp>(evaluateSelect<T>);
  addOfIntegers<arith::CmpIOp>(
      rules, [](arith::CmpIOp op, int64_t a, int64_t b) -> int64_t {
        Type type = op.getLhs().getType();
        return arith::applyCmpPredicate(op.getPredicate(), bitsOf(type, a),
                                        bitsOf(type, b));
      });
  addOfIntegers<arith::AndIOp>(
      rules, [](auto, int64_t a, int64_t b) { return a & b; });
  addOfIntegers<arith::OrIOp>(rules,
                              [](auto, int64_t a, int64_t b) { return a | b; });
  addOfIntegers<arith::XOrIOp>(
      rules, [](auto, int64_t a, int64_t b) { return a ^ b; });
  addModular<arith::AddIOp>(
      rules, [](const APInt &a, const APInt &b) { return a + b; });
  addModular<arith::SubIOp>(
      rules, [](const APInt &a, const APInt &b) { return a - b; });
  addModular<arith::MulIOp>(
      rules, [](const APInt &a, const APInt &b) { return a * b; });
  addToFloats<arith::UIToFPOp>(rules, /*isSigned=*/false);
  addToFloats<arith::SIToFPOp>(rules, /*isSigned=*/true);
  rules.template add<arith::ConstantOp>(evaluateConstant<T>);
  rules.template add<arith::TruncFOp>(evaluateTruncate<T>);
  rules.template add<ssm::DiscretizeOp>(evaluateDiscretize<T>);
}

template void addPointwiseRules(Rules<float> &);
template void addPointwiseRules(Rules<double> &);

} // namespace ssmc::interpreter
