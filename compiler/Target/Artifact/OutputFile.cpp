#include "compiler/Target/Artifact/OutputFile.h"
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace ssmc;

// The granularity of holes in common file systems.
static constexpr uint64_t pageBytes = 4096;
static constexpr uint64_t bufferBytes = 256 * pageBytes;

static std::string directoryOf(const std::string &path) {
  size_t slash = path.rfind('/');
  if (slash == std::string::npos)
    return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

static bool isZero(const uint8_t *data, uint64_t size) {
  // Equal to itself one byte on, and the first is zero: all are.
  return data[0] == 0 && std::memcmp(data, data + 1, size - 1) == 0;
}

OutputFile::~OutputFile() {
  if (fd >= 0)
    close(fd);
  if (!temporaryPath.empty())
    unlink(temporaryPath.c_str());
}

bool OutputFile::fail(const char *what, std::string &error) {
  error = std::string("cannot ") + what + " '" + path +
          "': " + std::strerror(errno);
  return false;
}

bool OutputFile::open(const std::string &target, std::string &error) {
  path = target;
  struct stat info;
  if (stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    error = "expected '" + path + "' to be a file or not to exist";
    return false;
  }
  // O_EXCL: whatever another process put there is not ours to write to.
  for (int attempt = 0; attempt < 100; ++attempt) {
    std::string name = path + ".tmp" + std::to_string(getpid()) + "-" +
                       std::to_string(attempt);
    fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) {
      temporaryPath = name;
      buffer.resize(bufferBytes);
      return true;
    }
    if (errno != EEXIST)
      break;
  }
  return fail("create", error);
}

bool OutputFile::writeAt(uint64_t offset, const uint8_t *data, uint64_t size,
                         std::string &error) {
  while (size > 0) {
    ssize_t written = pwrite(fd, data, size, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return fail("write", error);
    data += written;
    offset += static_cast<uint64_t>(written);
    size -= static_cast<uint64_t>(written);
  }
  return true;
}

bool OutputFile::flush(std::string &error) {
  // Writes each run of pages that are not zero.
  uint64_t begin = 0;
  for (uint64_t page = 0; page < buffered; page += pageBytes) {
    uint64_t size = std::min(pageBytes, buffered - page);
    if (!isZero(buffer.data() + page, size))
      continue;
    if (!writeAt(bufferStart + begin, buffer.data() + begin, page - begin,
                 error))
      return false;
    begin = page + size;
  }
  if (!writeAt(bufferStart + begin, buffer.data() + begin, buffered - begin,
               error))
    return false;
  bufferStart += buffered;
  buffered = 0;
  return true;
}

bool OutputFile::append(const uint8_t *data, uint64_t size,
                        std::string &error) {
  while (size > 0) {
    uint64_t count = std::min(size, bufferBytes - buffered);
    std::memcpy(buffer.data() + buffered, data, count);
    buffered += count;
    data += count;
    size -= count;
    if (buffered == bufferBytes && !flush(error))
      return false;
  }
  return true;
}

bool OutputFile::skipTo(uint64_t offset, std::string &error) {
  uint64_t gap = offset - position();
  // A long gap is a hole; what remains of its last page keeps pages aligned.
  if (gap >= bufferBytes) {
    if (!flush(error))
      return false;
    bufferStart = offset / pageBytes * pageBytes;
    gap = offset - bufferStart;
  }
  static const uint8_t zeros[pageBytes] = {};
  for (; gap > 0; gap -= std::min(gap, pageBytes))
    if (!append(zeros, std::min(gap, pageBytes), error))
      return false;
  return true;
}

bool OutputFile::overwrite(uint64_t offset, const uint8_t *data, uint64_t size,
                           std::string &error) {
  return flush(error) && writeAt(offset, data, size, error);
}

bool OutputFile::commit(std::string &error) {
  if (!flush(error))
    return false;
  if (ftruncate(fd, static_cast<off_t>(position())) != 0)
    return fail("write", error);
  if (fsync(fd) != 0)
    return fail("write", error);
  int closing = fd;
  fd = -1;
  if (close(closing) != 0)
    return fail("write", error);
  if (rename(temporaryPath.c_str(), path.c_str()) != 0)
    return fail("create", error);
  temporaryPath.clear();
  // The name must survive a crash too; a system that cannot promise that of a
  // directory has the complete file all the same.
  int directory = ::open(directoryOf(path).c_str(), O_RDONLY | O_CLOEXEC);
  if (directory >= 0) {
    (void)fsync(directory);
    close(directory);
  }
  return true;
}
