#ifndef SSMC_TARGET_ARTIFACT_OUTPUTFILE_H
#define SSMC_TARGET_ARTIFACT_OUTPUTFILE_H
#include <cstdint>
#include <string>
#include <vector>

namespace ssmc {
/// A file that appears under its name complete or not at all: it is written
/// beside its place and moved there by `commit`; without that, it is removed.
/// Members return false and set `error` when the system refuses.
class OutputFile {
public:
  OutputFile() = default;
  OutputFile(const OutputFile &) = delete;
  OutputFile &operator=(const OutputFile &) = delete;
  ~OutputFile();

  bool open(const std::string &path, std::string &error);
  /// Writes behind what was written before. Pages of zeros become holes.
  bool append(const uint8_t *data, uint64_t size, std::string &error);
  /// Goes forward to `offset`; what lies between is zero.
  bool skipTo(uint64_t offset, std::string &error);
  uint64_t position() const { return bufferStart + buffered; }
  /// Writes over bytes that `skipTo` left out, when all else is written.
  bool overwrite(uint64_t offset, const uint8_t *data, uint64_t size,
                 std::string &error);
  /// Makes the file as long as `position`, waits for the disk and gives the
  /// file its name.
  bool commit(std::string &error);

private:
  bool flush(std::string &error);
  bool writeAt(uint64_t offset, const uint8_t *data, uint64_t size,
               std::string &error);
  bool fail(const char *what, std::string &error);

  std::string path;
  std::string temporaryPath; // empty when there is none to remove
  int fd = -1;
  std::vector<uint8_t> buffer;
  uint64_t bufferStart = 0; // in the file; a multiple of the page size
  uint64_t buffered = 0;
};
} // namespace ssmc
#endif
