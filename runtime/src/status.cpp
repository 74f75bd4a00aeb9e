#include "runtime/src/error.h"
#include "ssmc/tensor.h"
#include <cinttypes>
#include <cstdio>
#include <cstring>

using namespace ssmc;

ssmc_status ssmc::failV(ssmc_error *error, ssmc_status status,
                        const char *format, va_list arguments) {
  if (error) {
    error->status = status;
    vsnprintf(error->message, sizeof error->message, format, arguments);
  }
  return status;
}

ssmc_status ssmc::fail(ssmc_error *error, ssmc_status status,
                       const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  failV(error, status, format, arguments);
  va_end(arguments);
  return status;
}

ssmc_status ssmc::failMemory(ssmc_error *error, uint64_t bytes,
                             const char *what) {
  return fail(error, SSMC_OUT_OF_MEMORY,
              "could not allocate %" PRIu64 " bytes for %s", bytes, what);
}

void ssmc::addContext(ssmc_error *error, const char *name) {
  if (!error)
    return;
  ssmc_error inner = *error;
  // Names are cut so that the sentence itself always survives.
  snprintf(error->message, sizeof error->message, "'%.160s': %.320s", name,
           inner.message);
}

const char *ssmc_status_name(ssmc_status status) {
  switch (rawValue(status)) {
  case SSMC_OK:
    return "ok";
  case SSMC_INVALID_ARGUMENT:
    return "invalid argument";
  case SSMC_OUT_OF_MEMORY:
    return "out of memory";
  case SSMC_INCOMPATIBLE:
    return "incompatible";
  case SSMC_CORRUPT:
    return "corrupt";
  case SSMC_NOT_FOUND:
    return "not found";
  case SSMC_IO:
    return "input/output error";
  case SSMC_DEVICE_LOST:
    return "device lost";
  }
  return "unknown status";
}

uint32_t ssmc_abi_version(void) { return SSMC_ABI_VERSION; }

namespace {
struct DTypeRow {
  const char *name;
  size_t size;
};
// Indexed by ssmc_dtype.
constexpr DTypeRow dtypes[] = {{"f32", 4}, {"bf16", 2}, {"f16", 2}, {"f64", 8},
                               {"i64", 8}, {"i32", 4},  {"u8", 1}};
constexpr uint32_t dtypeCount = sizeof dtypes / sizeof dtypes[0];
} // namespace

size_t ssmc_dtype_size(ssmc_dtype dtype) {
  uint32_t index = rawValue(dtype);
  return index < dtypeCount ? dtypes[index].size : 0;
}

const char *ssmc_dtype_name(ssmc_dtype dtype) {
  uint32_t index = rawValue(dtype);
  return index < dtypeCount ? dtypes[index].name : "?";
}
