#ifndef SSMC_RUNTIME_FILE_H
#define SSMC_RUNTIME_FILE_H
#include "runtime/src/checked.h"
#include "ssmc/status.h"
#include <utility>

namespace ssmc {
/// An open file descriptor.
class File {
public:
  File() = default;
  File(const File &) = delete;
  File &operator=(const File &) = delete;
  ~File();

  /// Opens a regular file for reading.
  ssmc_status open(const char *path, ssmc_error *error);
  /// Opens the regular file `name`, one path component, inside `directory`;
  /// never follows a symbolic link there.
  ssmc_status openInside(const char *directory, const char *name,
                         ssmc_error *error);
  /// Reads exactly `size` bytes at `offset`.
  ssmc_status read(void *out, uint64_t size, uint64_t offset,
                   ssmc_error *error) const;
  int descriptor() const { return fd; }
  uint64_t size() const { return length; }

private:
  ssmc_status finishOpen(const char *path, ssmc_error *error);
  int fd = -1;
  uint64_t length = 0;
};

/// Replaces the file at `path` by `bytes`, so that at every moment, a crash of
/// the system included, `path` holds the old content or the new one.
ssmc_status replaceFile(const char *path, Span bytes, ssmc_error *error);

/// A private view of a file.
class Mapping {
public:
  enum class Access { read, readExecute };

  Mapping() = default;
  Mapping(const Mapping &) = delete;
  Mapping &operator=(const Mapping &) = delete;
  ~Mapping();

  /// Maps `size` > 0 bytes at `offset`, a multiple of the page size.
  ssmc_status mapFile(const File &file, uint64_t offset, uint64_t size,
                      Access access, ssmc_error *error);

  uint8_t *data() const { return static_cast<uint8_t *>(base); }
  Span span() const { return {base, length}; }

private:
  void *base = nullptr;
  uint64_t length = 0;
};
} // namespace ssmc
#endif
