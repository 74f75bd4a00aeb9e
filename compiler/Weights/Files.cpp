#include "compiler/Weights/Files.h"
#include "compiler/Weights/JsonCursor.h"
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace ssmc::weights {

static bool failed(std::string &error, const std::string &path,
                   const std::string &message) {
  error = path + ": " + message;
  return false;
}

static const char *kindOf(mode_t mode) {
  if (S_ISDIR(mode))
    return "a directory";
  if (S_ISFIFO(mode))
    return "a pipe";
  if (S_ISSOCK(mode))
    return "a socket";
  return "a device";
}

MappedFile::MappedFile(MappedFile &&other) noexcept
    : begin(std::exchange(other.begin, nullptr)),
      bytes(std::exchange(other.bytes, 0)) {}

MappedFile &MappedFile::operator=(MappedFile &&other) noexcept {
  std::swap(begin, other.begin);
  std::swap(bytes, other.bytes);
  return *this;
}

MappedFile::~MappedFile() {
  if (begin)
    munmap(const_cast<uint8_t *>(begin), bytes);
}

/// Maps `descriptor` and closes it.
bool MappedFile::map(int descriptor, bool singleLink, const std::string &path,
                     std::string &error) {
  struct stat info;
  std::string wrong;
  void *address = nullptr;
  if (fstat(descriptor, &info) != 0)
    wrong = std::strerror(errno);
  else if (!S_ISREG(info.st_mode))
    wrong = std::string("expected a regular file, got ") + kindOf(info.st_mode);
  else if (singleLink && info.st_nlink != 1)
    wrong = "expected a file with one hard link, got " +
            std::to_string(info.st_nlink);
  else if (info.st_size > 0) {
    address =
        mmap(nullptr, info.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (address == MAP_FAILED)
      wrong = std::string("cannot map: ") + std::strerror(errno);
  }
  close(descriptor);
  if (!wrong.empty())
    return failed(error, path, wrong);
  MappedFile mapped;
  mapped.begin = static_cast<const uint8_t *>(address);
  mapped.bytes = info.st_size;
  *this = std::move(mapped);
  return true;
}

// Opening a pipe for reading must not wait for a writer.
static constexpr int openFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

bool MappedFile::open(const std::string &path, MappedFile &out,
                      std::string &error) {
  int descriptor = ::open(path.c_str(), openFlags);
  if (descriptor < 0)
    return failed(error, path, std::strerror(errno));
  return out.map(descriptor, /*singleLink=*/false, path, error);
}

Directory::Directory(Directory &&other) noexcept
    : descriptor(std::exchange(other.descriptor, -1)),
      location(std::move(other.location)) {}

Directory &Directory::operator=(Directory &&other) noexcept {
  std::swap(descriptor, other.descriptor);
  std::swap(location, other.location);
  return *this;
}

Directory::~Directory() {
  if (descriptor >= 0)
    close(descriptor);
}

bool Directory::open(const std::string &path, Directory &out,
                     std::string &error) {
  Directory opened;
  opened.descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  if (opened.descriptor < 0)
    return failed(error, path, std::strerror(errno));
  opened.location = path;
  out = std::move(opened);
  return true;
}

bool Directory::contains(const std::string &name) const {
  struct stat info;
  return fstatat(descriptor, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
}

bool Directory::map(const std::string &name, MappedFile &out,
                    std::string &error) const {
  if (!isBasename(name))
    return failed(error, location,
                  "expected the name of a file inside the directory, got " +
                      quote(name));
  std::string path = location + "/" + name;
  int file = openat(descriptor, name.c_str(), openFlags | O_NOFOLLOW);
  if (file < 0 && errno == ELOOP)
    return failed(error, path,
                  "expected a regular file, got a symbolic link; a directory "
                  "copied with 'cp -rL' has none");
  if (file < 0)
    return failed(error, path, std::strerror(errno));
  return out.map(file, /*singleLink=*/true, path, error);
}

bool isBasename(std::string_view name) {
  if (name.empty() || name.size() > 255 || name == "." || name == "..")
    return false;
  for (unsigned char c : name)
    if (c < 0x20 || c == 0x7f || c == '/')
      return false;
  return true;
}

} // namespace ssmc::weights
