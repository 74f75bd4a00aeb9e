#include "tools/ssmc-run/compare.h"
#include "tools/ssmc-run/element.h"
#include <cmath>
#include <limits>

using namespace ssmc;
using namespace ssmc::run;

static std::vector<int64_t> unravel(int64_t flat,
                                    const std::vector<int64_t> &shape) {
  std::vector<int64_t> index(shape.size());
  for (size_t axis = shape.size(); axis-- > 0; flat /= shape[axis])
    index[axis] = flat % shape[axis];
  return index;
}

static double distance(double got, double expected) {
  if (got == expected || (std::isnan(got) && std::isnan(expected)))
    return 0;
  double difference = std::fabs(got - expected);
  return std::isnan(difference) ? std::numeric_limits<double>::infinity()
                                : difference;
}

bool ssmc::run::compareArrays(const NpyArray &got, const NpyArray &expected,
                              double rtol, double atol, Comparison &out,
                              std::string &error) {
  out = {};
  if (got.shape != expected.shape) {
    error = "expected " + typeText(expected.dtype, expected.shape) + ", got " +
            typeText(got.dtype, got.shape);
    return false;
  }
  countElements(got.shape, out.count);
  double differenceSquares = 0, expectedSquares = 0;
  double worstExcess = -1; // of error over tolerance
  int64_t worst = 0;
  for (int64_t i = 0; i < out.count; ++i) {
    double y =
        readElement(got.dtype, &got.data[i * ssmc_dtype_size(got.dtype)]);
    double e = readElement(expected.dtype,
                           &expected.data[i * ssmc_dtype_size(expected.dtype)]);
    double difference = distance(y, e);
    double tolerance = std::isfinite(e) ? atol + rtol * std::fabs(e) : atol;
    out.mismatches += difference > tolerance;
    out.maxAbsError = std::max(out.maxAbsError, difference);
    differenceSquares += difference * difference;
    if (std::isfinite(e))
      expectedSquares += e * e;
    double excess =
        difference / std::max(tolerance, std::numeric_limits<double>::min());
    if (excess > worstExcess) {
      worstExcess = excess;
      worst = i;
      out.got = y;
      out.expected = e;
    }
  }
  if (out.count == 0)
    return true;
  out.worst = unravel(worst, got.shape);
  if (differenceSquares > 0) // all zeros expected: any difference is infinite
    out.nrmse = std::sqrt(differenceSquares / expectedSquares);
  return true;
}
