#include "tools/ssmc-dump/extract.h"
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

using namespace ssmc;
using namespace ssmc::dump;
using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

bool ssmc::dump::fileNameOf(const std::string &name, std::string &out) {
  size_t slash = name.find_last_of("/\\");
  out = slash == std::string::npos ? name : name.substr(slash + 1);
  if (out.empty() || out == "." || out == "..")
    return false;
  for (unsigned char c : out)
    if (c < ' ' || c == 0x7f)
      return false;
  return true;
}

static bool writeNew(const fs::path &path, const char *data, size_t size,
                     std::string &error) {
  std::FILE *file = std::fopen(path.c_str(), "wbx");
  bool ok = file && std::fwrite(data, 1, size, file) == size;
  if (file)
    ok &= std::fclose(file) == 0;
  if (!ok)
    error = "cannot write '" + path.string() + "': " + std::strerror(errno);
  return ok;
}

static bool makeFolder(const fs::path &path, std::string &error) {
  std::error_code code;
  fs::create_directories(path, code);
  if (code)
    error = "cannot create '" + path.string() + "': " + code.message();
  return !code;
}

namespace {
class Extractor {
public:
  Extractor(const ArtifactFile &artifact, const fs::path &root,
            std::string &error)
      : artifact(artifact), root(root), error(error) {}

  bool run() {
    const fb::Program &program = artifact.program();
    index["model"] = program.name()->str();
    index["producer"] = program.producer()->str();
    index["kernels"] = Json::array();
    for (const fb::Kernel *kernel : *program.kernels())
      index["kernels"].push_back(kernel->name()->str());
    index["assets"] = Json::array();
    index["code"] = Json::array();
    if (!makeFolder(root / "assets", error) ||
        !makeFolder(root / "code", error))
      return false;
    if (program.assets())
      for (const fb::Asset *asset : *program.assets())
        if (!writeAsset(*asset))
          return false;
    for (const fb::CodeVariant *variant : *program.variants())
      if (!writeCode(*variant))
        return false;
    // Names are the artifact's bytes, which need not be UTF-8.
    std::string text =
        index.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    return writeNew(root / "index.json", text.data(), text.size(), error);
  }

private:
  bool writeAsset(const fb::Asset &asset) {
    std::string file;
    if (!writeSegment("assets", asset.name()->str(), asset.segment(), file))
      return false;
    index["assets"].push_back({{"name", asset.name()->str()}, {"file", file}});
    return true;
  }

  bool writeCode(const fb::CodeVariant &variant) {
    std::string name =
        variant.arch()->str() + "-" + variant.level()->str() + ".bin";
    std::string file;
    if (!writeSegment("code", name, variant.segment(), file))
      return false;
    Json features = Json::array(), entries = Json::array();
    for (const flatbuffers::String *feature : *variant.features())
      features.push_back(feature->str());
    for (uint64_t offset : *variant.entries())
      entries.push_back(offset);
    index["code"].push_back({{"arch", variant.arch()->str()},
                             {"level", variant.level()->str()},
                             {"features", features},
                             {"file", file},
                             {"entries", entries}});
    return true;
  }

  bool writeSegment(const char *folder, const std::string &name,
                    uint32_t segment, std::string &file) {
    std::string base;
    if (!fileNameOf(name, base)) {
      error = std::string("expected a name that can be a file's in ") + folder +
              ", got '" + name + "'";
      return false;
    }
    file = std::string(folder) + "/" + base;
    const fb::Segment &content = *artifact.program().segments()->Get(segment);
    return writeNew(root / file, artifact.bytes() + content.offset(),
                    content.size(), error);
  }

  const ArtifactFile &artifact;
  fs::path root;
  std::string &error;
  Json index;
};
} // namespace

bool ssmc::dump::extract(const ArtifactFile &artifact,
                         const std::string &directory, std::string &error) {
  return Extractor(artifact, directory, error).run();
}
