#include "runtime/src/file.h"
#include "runtime/src/error.h"
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace ssmc;

/// Reports errno. `strerror` is not safe in threads and `strerror_r` has two
/// signatures, so the causes that happen in practice are named here.
static ssmc_status failSystem(ssmc_error *error, const char *action,
                              const char *path) {
  int code = errno;
  const char *cause = code == ENOENT         ? "no such file or directory"
                      : code == EACCES       ? "permission denied"
                      : code == EPERM        ? "operation not permitted"
                      : code == ENOSPC       ? "no space left on the device"
                      : code == EDQUOT       ? "disk quota exceeded"
                      : code == EFBIG        ? "file too large"
                      : code == EISDIR       ? "is a directory"
                      : code == ENOTDIR      ? "not a directory"
                      : code == ELOOP        ? "is a symbolic link"
                      : code == EROFS        ? "read-only file system"
                      : code == EMFILE       ? "too many open files"
                      : code == EIO          ? "input/output error"
                      : code == ENAMETOOLONG ? "name too long"
                                             : "system error";
  return fail(error, code == ENOENT ? SSMC_NOT_FOUND : SSMC_IO,
              "could not %s '%.200s': %s (errno %d)", action, path, cause,
              code);
}

File::~File() {
  if (fd >= 0)
    close(fd);
}

ssmc_status File::open(const char *path, ssmc_error *error) {
  // Without O_NONBLOCK, opening a FIFO would wait for a writer.
  do
    fd = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  while (fd < 0 && errno == EINTR);
  return finishOpen(path, error);
}

ssmc_status File::openInside(const char *directory, const char *name,
                             ssmc_error *error) {
  int parent;
  do
    parent = ::open(directory, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  while (parent < 0 && errno == EINTR);
  if (parent < 0)
    return failSystem(error, "open directory", directory);
  do
    fd = openat(parent, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  while (fd < 0 && errno == EINTR);
  int code = errno;
  close(parent);
  errno = code;
  return finishOpen(name, error);
}

ssmc_status File::finishOpen(const char *path, ssmc_error *error) {
  if (fd < 0)
    return failSystem(error, "open", path);
  struct stat information;
  if (fstat(fd, &information))
    return failSystem(error, "inspect", path);
  if (!S_ISREG(information.st_mode))
    return fail(error, SSMC_IO, "expected '%.200s' to be a regular file", path);
  length = static_cast<uint64_t>(information.st_size);
  return SSMC_OK;
}

ssmc_status File::read(void *out, uint64_t size, uint64_t offset,
                       ssmc_error *error) const {
  if (!(Checked(offset) + size).isAtMost(INT64_MAX))
    return fail(error, SSMC_IO, "could not read: position past the end");
  char *cursor = static_cast<char *>(out);
  while (size) {
    size_t step = size > (1u << 30) ? (1u << 30) : static_cast<size_t>(size);
    ssize_t got = pread(fd, cursor, step, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return failSystem(error, "read", "file");
    if (!got)
      return fail(error, SSMC_IO, "the file became shorter while it was read");
    cursor += got;
    offset += static_cast<uint64_t>(got);
    size -= static_cast<uint64_t>(got);
  }
  return SSMC_OK;
}

static bool writeAll(int fd, Span bytes) {
  const uint8_t *cursor = bytes.data();
  uint64_t left = bytes.size();
  while (left) {
    size_t step = left > (1u << 30) ? (1u << 30) : static_cast<size_t>(left);
    ssize_t done = write(fd, cursor, step);
    if (done < 0 && errno == EINTR)
      continue;
    if (done < 0)
      return false;
    cursor += done;
    left -= static_cast<uint64_t>(done);
  }
  return true;
}

/// Makes a rename in the directory of `path` survive a power loss.
static bool syncDirectoryOf(const char *path) {
  char directory[PATH_MAX];
  snprintf(directory, sizeof directory, "%s", path);
  char *slash = nullptr;
  for (char *c = directory; *c; ++c)
    if (*c == '/')
      slash = c;
  if (slash)
    slash[slash == directory] = 0;
  int fd = open(slash ? directory : ".", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  if (fd < 0)
    return false;
  // Some file systems do not support this on directories; EINVAL says so.
  bool done = !fsync(fd) || errno == EINVAL;
  close(fd);
  return done;
}

ssmc_status ssmc::replaceFile(const char *path, Span bytes, ssmc_error *error) {
  char temporary[PATH_MAX];
  int length = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
  if (length < 0 || static_cast<size_t>(length) >= sizeof temporary)
    return fail(error, SSMC_INVALID_ARGUMENT, "the path is too long");
  // Mode 0600: what a model was told is nobody else's business.
  int fd = mkostemp(temporary, O_CLOEXEC);
  if (fd < 0)
    return failSystem(error, "create a file beside", path);
  bool done = writeAll(fd, bytes) && !fsync(fd);
  int code = errno;
  if (close(fd) && done) {
    code = errno;
    done = false;
  }
  if (done && rename(temporary, path)) {
    code = errno;
    done = false;
  }
  if (!done) {
    unlink(temporary);
    errno = code;
    return failSystem(error, "write", path);
  }
  if (!syncDirectoryOf(path))
    return failSystem(error, "flush the directory of", path);
  return SSMC_OK;
}

Mapping::~Mapping() {
  if (base)
    munmap(base, static_cast<size_t>(length));
}

ssmc_status Mapping::mapFile(const File &file, uint64_t offset, uint64_t size,
                             Access access, ssmc_error *error) {
  int protection = PROT_READ | (access == Access::readExecute ? PROT_EXEC : 0);
  void *result =
      mmap(nullptr, static_cast<size_t>(size), protection, MAP_PRIVATE,
           file.descriptor(), static_cast<off_t>(offset));
  if (result == MAP_FAILED && errno == EPERM && access == Access::readExecute)
    return fail(error, SSMC_IO,
                "could not map code: the file system is mounted noexec");
  if (result == MAP_FAILED)
    return fail(error, errno == ENOMEM ? SSMC_OUT_OF_MEMORY : SSMC_IO,
                "could not map %" PRIu64 " bytes of the file (errno %d)", size,
                errno);
  base = result;
  length = size;
  return SSMC_OK;
}
