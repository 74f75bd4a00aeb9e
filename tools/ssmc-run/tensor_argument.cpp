#include "tools/ssmc-run/tensor_argument.h"
#include "tools/ssmc-run/element.h"
#include <cmath>
#include <cstdlib>

using namespace ssmc;
using namespace ssmc::run;

uint64_t RandomNumbers::next() {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

static bool isInteger(ssmc_dtype dtype) {
  return dtype == SSMC_I64 || dtype == SSMC_I32 || dtype == SSMC_U8;
}

void ssmc::run::fillRandom(NpyArray &array, uint64_t bound,
                           RandomNumbers &random) {
  size_t width = ssmc_dtype_size(array.dtype);
  for (size_t at = 0; at < array.data.size(); at += width) {
    double value = isInteger(array.dtype)
                       ? double(random.next() % bound)
                       : double(random.next() >> 40) * 0x1p-23 - 1;
    writeElement(array.dtype, value, &array.data[at]);
  }
}

/// The largest integer `dtype` holds, plus one, as far as a double counts.
static double integerLimit(ssmc_dtype dtype) {
  return dtype == SSMC_U8 ? 0x1p8 : dtype == SSMC_I32 ? 0x1p31 : 0x1p53;
}

static bool parseSplat(const std::string &text, ssmc_dtype dtype, double &out,
                       std::string &error) {
  char *end;
  out = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != 0) {
    error = "expected '@file.npy', 'random' or a number, got '" + text + "'";
    return false;
  }
  double least = dtype == SSMC_U8 ? 0 : -integerLimit(dtype);
  if (isInteger(dtype) &&
      !(out == std::floor(out) && out >= least && out < integerLimit(dtype))) {
    error = "expected an integer that " + std::string(ssmc_dtype_name(dtype)) +
            " holds, got '" + text + "'";
    return false;
  }
  return true;
}

bool ssmc::run::makeArray(const std::string &argument, uint64_t bound,
                          RandomNumbers &random, NpyArray &out,
                          std::string &error) {
  if (!argument.empty() && argument[0] == '@')
    return readNpy(argument.substr(1), out, error);
  size_t equals = argument.find('=');
  if (equals == std::string::npos) {
    error = "expected '@file.npy' or 'TYPE=VALUE', got '" + argument + "'";
    return false;
  }
  ssmc_dtype dtype;
  std::vector<int64_t> shape;
  if (!parseType(argument.substr(0, equals), dtype, shape, error))
    return false;
  std::string value = argument.substr(equals + 1);
  if (!value.empty() && value[0] == '@') {
    if (!readNpy(value.substr(1), out, error))
      return false;
    if (out.dtype == dtype && out.shape == shape)
      return true;
    error = value.substr(1) + ": expected " + typeText(dtype, shape) +
            ", got " + typeText(out.dtype, out.shape);
    return false;
  }
  double splat = 0;
  if (value != "random" && !parseSplat(value, dtype, splat, error))
    return false;
  int64_t count;
  countElements(shape, count); // parseType has bounded it
  size_t width = ssmc_dtype_size(dtype);
  out = {dtype, shape, std::vector<std::byte>(size_t(count) * width)};
  if (value == "random")
    fillRandom(out, bound ? bound : 256, random);
  else
    for (size_t at = 0; at < out.data.size(); at += width)
      writeElement(dtype, splat, &out.data[at]);
  return true;
}
