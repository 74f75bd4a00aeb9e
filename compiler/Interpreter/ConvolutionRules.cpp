/// Convolutions as the sums that define them, kernels as the systems that they
/// belong to.

#include "compiler/Interpreter/Evaluator.h"
#include "dialects/Ssm/SsmConvolutions.h"
#include <cmath>
#include <complex>

using namespace mlir;

namespace ssmc::interpreter {

//===----------------------------------------------------------------------===//
// ssm.long_conv
//===----------------------------------------------------------------------===//

namespace {
/// A kernel of one lane: [rows, K] or [1, length, rows].
template <typename T> struct Taps {
  Taps(const Array<T> &array, int64_t lane, int64_t channels, bool interleaved)
      : data(array.floats.data() + lane * countElements(array.shape)),
        channels(channels), interleaved(interleaved) {
    bool onSequence = array.shape.size() == 3;
    rows = array.shape[onSequence ? 2 : 0];
    count = array.shape[1];
    rowStride = onSequence ? 1 : count;
    tapStride = onSequence ? rows : 1;
  }
  T at(int64_t channel, int64_t tap) const {
    int64_t row = interleaved ? channel % rows : channel / (channels / rows);
    return data[row * rowStride + tap * tapStride];
  }

  const T *data;
  int64_t channels, rows, count, rowStride, tapStride;
  bool interleaved;
};
} // namespace

/// Whether the points number t and j of a space of these extents but the
/// outermost have a difference t - j with no negative part.
static bool reaches(int64_t t, int64_t j, ArrayRef<int64_t> extents) {
  for (int64_t extent : llvm::reverse(extents)) {
    if (j % extent > t % extent)
      return false;
    t /= extent;
    j /= extent;
  }
  return j <= t;
}

template <typename T>
static LogicalResult evaluateLongConv(ssm::LongConvOp op, Frame<T> &frame) {
  const Array<T> &input = frame.get(op.getInput());
  const Array<T> &kernel = frame.get(op.getKernel());
  const Array<T> *backKernel =
      op.getBack() ? &frame.get(op.getBack()) : nullptr;
  const Array<T> *skip = op.getD() ? &frame.get(op.getD()) : nullptr;
  const Array<T> *init = op.getInit() ? &frame.get(op.getInit()) : nullptr;
  int64_t batch = input.shape[0], length = input.shape[1],
          channels = input.shape[2];
  for (const Array<T> *each : {&kernel, backKernel})
    if (each && each->shape.size() == 3 && each->shape[1] != length)
      return op.emitOpError("expected a kernel of the length of 'input', ")
             << length << ", got " << each->shape[1];
  if (init && init->shape[0] != batch)
    return op.emitOpError("expected 'init' for ")
           << batch << " sequences, got " << init->shape[0];
  ArrayRef<int64_t> spatial =
      op.getSpatial() ? *op.getSpatial() : ArrayRef<int64_t>();
  int64_t history = op.getFinal() ? kernel.shape[1] - 1 : 0;
  int64_t before = init ? history : 0; // inputs before the first
  Array<T> result = frame.zeros(input.shape);
  Array<T> final = frame.zeros({batch, channels, history});

  for (int64_t lane = 0; lane < frame.lanes; ++lane) {
    Taps<T> taps(kernel, lane, channels, op.getInterleaved());
    std::optional<Taps<T>> back;
    if (backKernel)
      back.emplace(*backKernel, lane, channels, op.getInterleaved());
    for (int64_t b = 0; b < batch; ++b)
      for (int64_t c = 0; c < channels; ++c) {
        int64_t sequence = (lane * batch + b) * length * channels + c;
        int64_t window = ((lane * batch + b) * channels + c) * history;
        // The input at time t, of the window before 0, else zero.
        auto at = [&](int64_t t) -> T {
          if (t >= 0)
            return t < length ? input.floats[sequence + t * channels] : T(0);
          return init && t >= -history ? init->floats[window + history + t]
                                       : T(0);
        };
        for (int64_t t = 0; t < length; ++t) {
          T sum = 0;
          if (op.getCircular()) {
            for (int64_t s = 0; s < length; ++s)
              sum +=
                  taps.at(c, (t - s % taps.count + taps.count) % taps.count) *
                  at(s);
          } else if (op.getReverse()) {
            for (int64_t j = 0; j < taps.count && t + j < length; ++j)
              if (reaches(t + j, j, spatial))
                sum += taps.at(c, j) * at(t + j);
          } else {
            for (int64_t j = 0; j < taps.count && j <= t + before; ++j)
              if (before || reaches(t, j, spatial))
                sum += taps.at(c, j) * at(t - j);
          }
          if (back) {
            int64_t first = op.getInclusive() ? 0 : 1;
            for (int64_t j = 0; j < back->count && t + first + j < length; ++j)
              sum += back->at(c, j) * at(t + first + j);
          }
          if (skip)
            sum += skip->floats[lane * channels + c] * at(t);
          result.floats[sequence + t * channels] = sum;
        }
        for (int64_t j = 0; j < history; ++j)
          final.floats[window + j] = at(length - history + j);
      }
  }
  frame.set(op.getResult(), std::move(result));
  if (op.getFinal())
    frame.set(op.getFinal(), std::move(final));
  return success();
}

//===----------------------------------------------------------------------===//
// Responses of one system
//===----------------------------------------------------------------------===//

namespace {
/// The operands of `ssm.kernel` that belong to one system of one lane.
template <typename T> struct System {
  const Frame<T> &frame;
  mutable ssm::KernelOp op; // accessors of ops are not const
  int64_t lane, index;
  int64_t length;

  /// The part of operand `i` that is this system's.
  ArrayRef<T> operand(unsigned i) const {
    const Array<T> &array = frame.get(op.getParameters()[i]);
    int64_t rows = array.shape[0], size = countElements(array.shape) / rows;
    int64_t row = index / (op.getSystems() / rows);
    return ArrayRef(array.floats).slice((lane * rows + row) * size, size);
  }
  /// Operands `i` and `i + 1` as real and imaginary parts.
  std::vector<std::complex<T>> complexOperand(unsigned i) const {
    std::vector<std::complex<T>> values;
    for (auto [re, im] : llvm::zip_equal(operand(i), operand(i + 1)))
      values.emplace_back(re, im);
    return values;
  }
};

template <typename T> using Complex = std::complex<T>;
template <typename T> using Vector = std::vector<T>;
/// Square, row major.
template <typename T> using Matrix = std::vector<T>;
} // namespace

/// The part of a kernel's value that is kept.
static float realPart(float value) { return value; }
static double realPart(double value) { return value; }
template <typename T> static T realPart(Complex<T> value) {
  return value.real();
}

/// sum_n weight[n] decay[n]^l.
template <typename T, typename V>
static Vector<T> powerSums(ArrayRef<V> decay, ArrayRef<V> weight,
                           int64_t length) {
  Vector<T> taps;
  Vector<V> terms(weight.begin(), weight.end());
  for (int64_t l = 0; l < length; ++l) {
    V sum = 0;
    for (auto [term, factor] : llvm::zip_equal(terms, decay)) {
      sum += term;
      term *= factor;
    }
    taps.push_back(realPart(sum));
  }
  return taps;
}

/// c^T A^l b where `advance` turns A^l b into A^(l+1) b.
template <typename T>
static Vector<T> readOut(ArrayRef<T> b, ArrayRef<T> c, int64_t length,
                         function_ref<void(Vector<T> &)> advance) {
  Vector<T> taps, state(b.begin(), b.end());
  for (int64_t l = 0; l < length; ++l) {
    T sum = 0;
    for (auto [x, y] : llvm::zip_equal(c, state))
      sum += x * y;
    taps.push_back(sum);
    advance(state);
  }
  return taps;
}

template <typename T> static Vector<T> krylov(const System<T> &system) {
  ArrayRef<T> a = system.operand(0), b = system.operand(1);
  size_t n = b.size();
  return readOut<T>(b, system.operand(2), system.length, [&](Vector<T> &x) {
    Vector<T> next(n);
    for (size_t i = 0; i < n; ++i)
      for (size_t j = 0; j < n; ++j)
        next[i] += a[i * n + j] * x[j];
    x = next;
  });
}

template <typename T> static Vector<T> companion(const System<T> &system) {
  ArrayRef<T> a = system.operand(0);
  return readOut<T>(system.operand(1), system.operand(2), system.length,
                    [&](Vector<T> &x) {
                      T last = x.back();
                      x.pop_back();
                      x.insert(x.begin(), T(0));
                      for (auto [value, factor] : llvm::zip_equal(x, a))
                        value += factor * last;
                    });
}

//===----------------------------------------------------------------------===//
// Spectra
//===----------------------------------------------------------------------===//

/// sum_t values[t] exp(sign 2 pi i k t / n) for k in [0, n).
template <typename T>
static Vector<Complex<T>> transform(const Vector<Complex<T>> &values,
                                    double sign) {
  int64_t n = values.size(), factor = 2;
  while (factor < n && n % factor)
    ++factor;
  auto root = [&](int64_t power) {
    double angle = sign * 2 * M_PI * double(power % n) / double(n);
    return Complex<T>(std::cos(angle), std::sin(angle));
  };
  Vector<Complex<T>> result(n);
  if (n <= 1)
    return values;
  // Each residue modulo the smallest factor on its own, then together.
  Vector<Vector<Complex<T>>> parts(factor);
  for (int64_t t = 0; t < n; ++t)
    parts[t % factor].push_back(values[t]);
  for (Vector<Complex<T>> &part : parts)
    if (part.size() > 1)
      part = transform(part, sign);
  for (int64_t k = 0; k < n; ++k)
    for (int64_t r = 0; r < factor; ++r)
      result[k] += root(k * r) * parts[r][k % (n / factor)];
  return result;
}

template <typename T>
static Vector<Complex<T>> spectrum(ArrayRef<T> taps, int64_t nodes) {
  Vector<Complex<T>> values(nodes);
  for (auto [t, tap] : llvm::enumerate(taps))
    values[t % nodes] += tap;
  return transform(values, -1);
}

/// The first `length` of the real values with this spectrum.
template <typename T>
static Vector<T> fromSpectrum(const Vector<Complex<T>> &spectrum,
                              int64_t length) {
  Vector<T> values;
  Vector<Complex<T>> sums = transform(spectrum, 1);
  for (int64_t t = 0; t < length; ++t)
    values.push_back(sums[t].real() / T(spectrum.size()));
  return values;
}

template <typename T>
static Vector<T> transferFunction(const System<T> &system) {
  ArrayRef<T> a = system.operand(0), b = system.operand(1);
  T h0 = system.operand(2)[0];
  int64_t lag = system.op.getDirect() ? 0 : 1;
  if (std::optional<uint64_t> nodes = system.op.getNodes()) {
    Vector<T> numerator(lag), denominator = {T(1)};
    numerator.insert(numerator.end(), b.begin(), b.end());
    denominator.insert(denominator.end(), a.begin(), a.end());
    Vector<Complex<T>> top = spectrum<T>(numerator, *nodes);
    Vector<Complex<T>> bottom = spectrum<T>(denominator, *nodes);
    for (auto [x, y] : llvm::zip_equal(top, bottom))
      x = x / y + h0;
    return fromSpectrum(top, system.length);
  }
  Vector<T> taps;
  for (int64_t l = 0; l < system.length; ++l) {
    int64_t i = l - lag;
    T sum = i >= 0 && i < int64_t(b.size()) ? b[i] : T(0);
    // h0 is beside the quotient.
    for (int64_t j = 0; j < int64_t(a.size()) && j + 1 <= l; ++j)
      sum -= a[j] * (taps[l - 1 - j] - (l - 1 - j == 0 ? h0 : T(0)));
    taps.push_back(l == 0 ? sum + h0 : sum);
  }
  return taps;
}

template <typename T> static Vector<T> lowPass(const System<T> &system) {
  int64_t nodes = *system.op.getNodes(), bins = *system.op.getBins();
  Vector<Complex<T>> values = spectrum<T>(system.operand(0), nodes);
  for (int64_t k = 0; k < nodes; ++k)
    if (std::min(k, nodes - k) >= bins)
      values[k] = 0;
  return fromSpectrum(values, system.length);
}

//===----------------------------------------------------------------------===//
// Diagonal plus low rank
//===----------------------------------------------------------------------===//

/// Solves m x = v in place, with partial pivoting. False if m is singular.
template <typename V> static bool solve(Matrix<V> m, Vector<V> &v) {
  size_t n = v.size();
  for (size_t k = 0; k < n; ++k) {
    size_t pivot = k;
    for (size_t i = k + 1; i < n; ++i)
      if (std::abs(m[i * n + k]) > std::abs(m[pivot * n + k]))
        pivot = i;
    if (std::abs(m[pivot * n + k]) == 0)
      return false;
    for (size_t j = 0; j < n; ++j)
      std::swap(m[k * n + j], m[pivot * n + j]);
    std::swap(v[k], v[pivot]);
    for (size_t i = k + 1; i < n; ++i) {
      V factor = m[i * n + k] / m[k * n + k];
      for (size_t j = k; j < n; ++j)
        m[i * n + j] -= factor * m[k * n + j];
      v[i] -= factor * v[k];
    }
  }
  for (size_t k = n; k-- > 0;) {
    for (size_t j = k + 1; j < n; ++j)
      v[k] -= m[k * n + j] * v[j];
    v[k] /= m[k * n + k];
  }
  return true;
}

namespace {
/// The bilinear discretization of diag(w) - p p* on full pairs: states n and
/// N + n are conjugates.
template <typename T> class DplrStep {
public:
  DplrStep(const System<T> &system) {
    dt = system.operand(0)[0];
    w = withConjugates(system.complexOperand(1));
    size_t half = w.size() / 2;
    Vector<Complex<T>> all = system.complexOperand(3);
    for (size_t r = 0; r < all.size() / half; ++r)
      p.push_back(withConjugates(
          {all.begin() + r * half, all.begin() + (r + 1) * half}));
    // (I - dt/2 A)^-1 by the Woodbury identity.
    for (Complex<T> pole : w)
      inverse.push_back(T(1) / (T(1) - dt / 2 * pole));
    size_t rank = p.size();
    for (size_t i = 0; i < rank; ++i)
      for (size_t j = 0; j < rank; ++j) {
        Complex<T> sum = i == j ? 1 : 0;
        for (size_t n = 0; n < w.size(); ++n)
          sum += dt / 2 * std::conj(p[i][n]) * inverse[n] * p[j][n];
        capacitance.push_back(sum);
      }
  }

  static Vector<Complex<T>> withConjugates(Vector<Complex<T>> half) {
    for (size_t n = 0, count = half.size(); n < count; ++n)
      half.push_back(std::conj(half[n]));
    return half;
  }
  size_t size() const { return w.size(); }

  /// x <- (I - dt/2 A)^-1 x.
  bool divide(Vector<Complex<T>> &x) const {
    for (auto [value, factor] : llvm::zip_equal(x, inverse))
      value *= factor;
    Vector<Complex<T>> along = project(x);
    if (!solve(capacitance, along))
      return false;
    for (size_t r = 0; r < p.size(); ++r)
      for (size_t n = 0; n < x.size(); ++n)
        x[n] -= dt / 2 * inverse[n] * p[r][n] * along[r];
    return true;
  }
  /// x <- (I - dt/2 A)^-1 (I + dt/2 A) x.
  bool advance(Vector<Complex<T>> &x) const {
    Vector<Complex<T>> along = project(x);
    for (size_t n = 0; n < x.size(); ++n)
      x[n] += dt / 2 * w[n] * x[n];
    for (size_t r = 0; r < p.size(); ++r)
      for (size_t n = 0; n < x.size(); ++n)
        x[n] -= dt / 2 * p[r][n] * along[r];
    return divide(x);
  }

  T dt;

private:
  /// p* x.
  Vector<Complex<T>> project(const Vector<Complex<T>> &x) const {
    Vector<Complex<T>> along(p.size());
    for (size_t r = 0; r < p.size(); ++r)
      for (size_t n = 0; n < x.size(); ++n)
        along[r] += std::conj(p[r][n]) * x[n];
    return along;
  }

  Vector<Complex<T>> w, inverse;
  Vector<Vector<Complex<T>>> p;
  Matrix<Complex<T>> capacitance;
};
} // namespace

template <typename V>
static Matrix<V> multiply(const Matrix<V> &a, const Matrix<V> &b, size_t n) {
  Matrix<V> product(n * n);
  for (size_t i = 0; i < n; ++i)
    for (size_t k = 0; k < n; ++k)
      for (size_t j = 0; j < n; ++j)
        product[i * n + j] += a[i * n + k] * b[k * n + j];
  return product;
}

/// c with (I - A^nodes) taken off: the solution y of y (I - A^nodes) = c.
template <typename T>
static bool untruncate(const DplrStep<T> &step, int64_t nodes,
                       Vector<Complex<T>> &c) {
  size_t n = c.size();
  // Column by column, so rows of `matrix` are columns of A.
  Matrix<Complex<T>> matrix, power(n * n);
  for (size_t j = 0; j < n; ++j) {
    Vector<Complex<T>> column(n);
    column[j] = 1;
    if (!step.advance(column))
      return false;
    matrix.insert(matrix.end(), column.begin(), column.end());
    power[j * n + j] = 1;
  }
  for (; nodes; nodes /= 2) {
    if (nodes % 2)
      power = multiply(power, matrix, n);
    matrix = multiply(matrix, matrix, n);
  }
  for (size_t i = 0; i < n; ++i)
    for (size_t j = 0; j < n; ++j)
      power[i * n + j] = (i == j ? T(1) : T(0)) - power[i * n + j];
  return solve(power, c);
}

template <typename T>
static FailureOr<Vector<T>> dplr(const System<T> &system) {
  DplrStep<T> step(system);
  auto b = DplrStep<T>::withConjugates(system.complexOperand(5));
  auto c = DplrStep<T>::withConjugates(system.complexOperand(7));
  bool regular = true;
  if (std::optional<uint64_t> nodes = system.op.getNodes())
    regular = untruncate(step, *nodes, c);
  for (Complex<T> &value : b)
    value *= step.dt;
  regular = regular && step.divide(b);
  Vector<T> taps;
  for (int64_t l = 0; regular && l < system.length; ++l) {
    Complex<T> sum = 0;
    for (auto [x, y] : llvm::zip_equal(c, b))
      sum += x * y;
    taps.push_back(sum.real());
    regular = step.advance(b);
  }
  if (!regular)
    return system.op.emitOpError("expected system ")
           << system.index << " to have no pole that its discretization "
           << "divides by";
  return taps;
}

//===----------------------------------------------------------------------===//
// ssm.kernel and ssm.positions
//===----------------------------------------------------------------------===//

template <typename T>
static FailureOr<Vector<T>> tapsOf(const System<T> &system) {
  switch (system.op.getMethod()) {
  case ssm::KernelMethod::vandermonde:
    if (system.op.getParameters().size() == 4)
      return powerSums<T, Complex<T>>(system.complexOperand(0),
                                      system.complexOperand(2), system.length);
    return powerSums<T, T>(system.operand(0), system.operand(1), system.length);
  case ssm::KernelMethod::krylov:
    return krylov(system);
  case ssm::KernelMethod::companion:
    return companion(system);
  case ssm::KernelMethod::transfer_function:
    return transferFunction(system);
  case ssm::KernelMethod::dplr:
    return dplr(system);
  case ssm::KernelMethod::low_pass:
    return lowPass(system);
  }
  llvm_unreachable("unknown method");
}

template <typename T>
static LogicalResult evaluateKernel(ssm::KernelOp op, Frame<T> &frame) {
  int64_t systems = op.getSystems();
  int64_t length = op.getLike() ? frame.get(op.getLike()).shape[1]
                                : op.getResult().getType().getDimSize(1);
  if (op.getMethod() == ssm::KernelMethod::transfer_function && op.getNodes() &&
      length > int64_t(*op.getNodes()))
    return op.emitOpError("expected a sequence of at most ")
           << *op.getNodes() << " time steps, got " << length;
  bool onSequence = op.getLike() != nullptr;
  Array<T> result =
      frame.zeros(onSequence ? SmallVector<int64_t>{1, length, systems}
                             : SmallVector<int64_t>{systems, length});
  for (int64_t lane = 0; lane < frame.lanes; ++lane)
    for (int64_t index = 0; index < systems; ++index) {
      FailureOr<Vector<T>> taps =
          tapsOf(System<T>{frame, op, lane, index, length});
      if (failed(taps))
        return failure();
      T *out = result.floats.data() + lane * systems * length;
      for (int64_t l = 0; l < length; ++l)
        out[onSequence ? l * systems + index : index * length + l] = (*taps)[l];
    }
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T>
static LogicalResult evaluatePositions(ssm::PositionsOp op, Frame<T> &frame) {
  int64_t length = frame.get(op.getLike()).shape[1];
  int64_t channels = op.getResult().getType().getDimSize(2);
  Array<T> result = frame.zeros({1, length, channels});
  for (size_t i = 0; i < result.floats.size(); ++i)
    result.floats[i] = T(int64_t(i) / channels % length);
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T> void addConvolutionRules(Rules<T> &rules) {
  rules.template add<ssm::LongConvOp>(evaluateLongConv<T>);
  rules.template add<ssm::KernelOp>(evaluateKernel<T>);
  rules.template add<ssm::PositionsOp>(evaluatePositions<T>);
}

template void addConvolutionRules(Rules<float> &);
template void addConvolutionRules(Rules<double> &);

} // namespace ssmc::interpreter
