#ifndef SSMC_RUNTIME_ERROR_H
#define SSMC_RUNTIME_ERROR_H
#include "ssmc/status.h"
#include <cstdarg>
#include <cstring>

namespace ssmc {
/// Fills `error`, which may be null, and returns `status`.
[[gnu::format(printf, 3, 4)]] ssmc_status
fail(ssmc_error *error, ssmc_status status, const char *format, ...);
ssmc_status failV(ssmc_error *error, ssmc_status status, const char *format,
                  va_list arguments);

/// The one text for memory that ran out.
ssmc_status failMemory(ssmc_error *error, uint64_t bytes, const char *what);

/// Puts "'name': " before the message, to say which file it is about.
void addContext(ssmc_error *error, const char *name);

/// The number in an enum that a C program filled in: C allows any, C++ would be
/// free to assume that it is one of the named ones.
template <typename Enum> uint32_t rawValue(const Enum &value) {
  static_assert(sizeof(Enum) == sizeof(uint32_t));
  uint32_t number;
  memcpy(&number, &value, sizeof number);
  return number;
}

/// Forgets an earlier failure at the start of a call.
inline void clear(ssmc_error *error) {
  if (error) {
    error->status = SSMC_OK;
    error->message[0] = 0;
  }
}
} // namespace ssmc
#endif
