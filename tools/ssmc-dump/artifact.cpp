#include "tools/ssmc-dump/artifact.h"
#include "runtime/src/artifact_header.h"
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace ssmc;
using namespace ssmc::dump;

ArtifactFile::~ArtifactFile() {
  handle.reset(); // before the bytes it reads
  if (data)
    ::munmap(data, length);
}

static bool mapFile(const std::string &path, char *&data, uint64_t &length,
                    std::string &error) {
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat info{};
  if (file < 0 || ::fstat(file, &info) != 0) {
    error = "cannot open '" + path + "': " + std::strerror(errno);
  } else if (!S_ISREG(info.st_mode) || info.st_size == 0) {
    error = "'" + path + "': expected a regular file that is not empty";
  } else {
    length = uint64_t(info.st_size);
    void *mapped = ::mmap(nullptr, length, PROT_READ, MAP_PRIVATE, file, 0);
    if (mapped == MAP_FAILED)
      error = "cannot map '" + path + "': " + std::strerror(errno);
    else
      data = static_cast<char *>(mapped);
  }
  if (file >= 0)
    ::close(file);
  return data != nullptr;
}

bool ArtifactFile::open(const std::string &path, std::string &error) {
  if (!mapFile(path, data, length, error))
    return false;
  ssmc_model_options options;
  ssmc_model_options_init(&options);
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty())
    folder = ".";
  options.weights_directory = folder.c_str();
  ssmc_error failure{};
  if (ssmc_model_open_memory(data, length, &options, run::out(handle),
                             &failure) != SSMC_OK) {
    error = "'" + path + "': " + failure.message;
    return false;
  }
  ArtifactHeader header;
  std::memcpy(&header, data, sizeof header);
  metadata = fb::GetProgram(data + header.metadataOffset);
  return true;
}

uint64_t ArtifactFile::metadataSize() const {
  ArtifactHeader header;
  std::memcpy(&header, data, sizeof header);
  return header.metadataSize;
}
