#ifndef SSMC_COMPILER_WEIGHTS_FILES_H
#define SSMC_COMPILER_WEIGHTS_FILES_H
#include <cstdint>
#include <string>
#include <string_view>

namespace ssmc::weights {

/// A regular file mapped read-only as a whole. A file that shrinks while it is
/// mapped makes reads fault: nobody may write it meanwhile.
class MappedFile {
public:
  MappedFile() = default;
  MappedFile(MappedFile &&other) noexcept;
  MappedFile &operator=(MappedFile &&other) noexcept;
  ~MappedFile();

  /// Maps the file a user named; symbolic links are followed.
  static bool open(const std::string &path, MappedFile &out,
                   std::string &error);

  /// Page aligned; null when the file is empty.
  const uint8_t *data() const { return begin; }
  uint64_t size() const { return bytes; }
  std::string_view text() const {
    return {reinterpret_cast<const char *>(begin), bytes};
  }

private:
  friend class Directory;
  bool map(int descriptor, bool singleLink, const std::string &path,
           std::string &error);

  const uint8_t *begin = nullptr;
  uint64_t bytes = 0;
};

/// A directory whose contents come from a stranger. Only regular files directly
/// inside it are opened: no symbolic link, no second hard link, no path, so a
/// checkpoint cannot make the compiler read a file outside it.
class Directory {
public:
  Directory() = default;
  Directory(Directory &&other) noexcept;
  Directory &operator=(Directory &&other) noexcept;
  ~Directory();

  static bool open(const std::string &path, Directory &out, std::string &error);

  /// True if the directory has an entry of that name, whatever it is.
  bool contains(const std::string &name) const;
  bool map(const std::string &name, MappedFile &out, std::string &error) const;
  const std::string &path() const { return location; }

private:
  int descriptor = -1;
  std::string location;
};

/// True if `name` is one path component: no '/', not '.' or '..', at most 255
/// bytes, no control characters.
bool isBasename(std::string_view name);

} // namespace ssmc::weights
#endif
