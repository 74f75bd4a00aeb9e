#ifndef SSMC_TOOLS_SSMC_DUMP_ARTIFACT_H
#define SSMC_TOOLS_SSMC_DUMP_ARTIFACT_H
#include "runtime/src/schema.h"
#include "tools/ssmc-run/handles.h"
#include <string>

namespace ssmc::dump {
/// An artifact's bytes, mapped, and its metadata, which the runtime verified.
class ArtifactFile {
public:
  ArtifactFile() = default;
  ArtifactFile(const ArtifactFile &) = delete;
  ArtifactFile &operator=(const ArtifactFile &) = delete;
  ~ArtifactFile();

  bool open(const std::string &path, std::string &error);
  const fb::Program &program() const { return *metadata; }
  const ssmc_model *model() const { return handle.get(); }
  const char *bytes() const { return data; }
  uint64_t size() const { return length; }
  uint64_t metadataSize() const;

private:
  char *data = nullptr;
  uint64_t length = 0;
  run::Model handle;
  const fb::Program *metadata = nullptr;
};
} // namespace ssmc::dump
#endif
