#include "compiler/Weights/Checkpoint.h"
#include "compiler/Weights/JsonCursor.h"
#include <cstring>
#include <new>
#include <simdjson.h>
#include <sys/stat.h>
#include <utility>

namespace ssmc::weights {

static bool failed(std::string &error, const std::string &path,
                   const std::string &message) {
  error = path + ": " + message;
  return false;
}

static bool endsWith(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() &&
         text.substr(text.size() - suffix.size()) == suffix;
}

/// Splits at the last '/': "a/b" gives "a" and "b", "b" gives "." and "b".
static std::pair<std::string, std::string> split(const std::string &path) {
  size_t slash = path.rfind('/');
  if (slash == std::string::npos)
    return {".", path};
  return {path.substr(0, slash == 0 ? 1 : slash), path.substr(slash + 1)};
}

/// Reads the `weight_map` of a model.safetensors.index.json: tensor to shard.
static bool readIndex(const MappedFile &file,
                      std::map<std::string, std::string> &shardOf,
                      std::string &error) {
  if (file.size() > maxHeaderBytes) {
    error = "expected an index of at most " + std::to_string(maxHeaderBytes) +
            " bytes, got " + std::to_string(file.size());
    return false;
  }
  std::string text(file.text());
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    error = "expected the index to be UTF-8";
    return false;
  }
  JsonCursor cursor(text);
  bool hasMap = false;
  auto entry = [&](const std::string &tensor) {
    std::string shard;
    if (!cursor.string(&shard, 4096))
      return false;
    if (!isBasename(shard))
      error = "tensor " + quote(tensor) +
              ": expected the name of a file beside the index, got " +
              quote(shard);
    else if (shardOf.size() == maxTensors)
      error = "expected at most " + std::to_string(maxTensors) + " tensors";
    else if (!shardOf.emplace(tensor, shard).second)
      error = "expected 'weight_map' keys to be unique, got " + quote(tensor) +
              " twice";
    return error.empty();
  };
  error.clear();
  bool ok = cursor.object(maxNameBytes, [&](const std::string &key) {
    if (key != "weight_map")
      return cursor.skipValue(64);
    if (std::exchange(hasMap, true))
      error = "expected one 'weight_map', got a second";
    return error.empty() && cursor.object(maxNameBytes, entry);
  });
  if (ok && cursor.rest().find_first_not_of(" \t\r\n") != std::string::npos)
    ok = cursor.fail("nothing after the index's object");
  if (ok && !hasMap)
    error = "expected a 'weight_map'";
  else if (error.empty())
    error = cursor.error();
  return error.empty();
}

bool Checkpoint::addFile(const std::string &name, const std::string &path,
                         MappedFile mapping, std::string &error) {
  std::vector<NamedTensor> found;
  if (!parseSafetensors(mapping.data(), mapping.size(), name, found, error)) {
    error = split(path).first + "/" + error;
    return false;
  }
  for (NamedTensor &tensor : found) {
    TensorView &view = tensor.view;
    if (reinterpret_cast<uintptr_t>(view.data) % byteWidth(view.dtype) != 0) {
      copies.emplace_back(new uint64_t[(view.bytes + 7) / 8]);
      std::memcpy(copies.back().get(), view.data, view.bytes);
      view.data = reinterpret_cast<const uint8_t *>(copies.back().get());
    }
    auto [where, isNew] = byName.emplace(tensor.name, std::move(view));
    if (!isNew)
      return failed(error, path,
                    "expected each tensor in one file, got " +
                        quote(tensor.name) + " here and in " +
                        quote(where->second.file));
  }
  fileList.push_back({name, path, mapping.size()});
  mappings.push_back(std::move(mapping));
  return true;
}

bool Checkpoint::openIndex(const Directory &directory, const std::string &name,
                           std::string &error) {
  MappedFile index;
  std::map<std::string, std::string> shardOf;
  if (!directory.map(name, index, error))
    return false;
  std::string path = directory.path() + "/" + name;
  if (!readIndex(index, shardOf, error))
    return failed(error, path, error);
  std::map<std::string, bool> opened;
  for (auto &[tensor, shard] : shardOf) {
    if (std::exchange(opened[shard], true))
      continue;
    MappedFile mapping;
    if (!directory.map(shard, mapping, error) ||
        !addFile(shard, directory.path() + "/" + shard, std::move(mapping),
                 error))
      return false;
  }
  for (auto &[tensor, shard] : shardOf) {
    const TensorView *view = find(tensor);
    if (!view || view->file != shard)
      return failed(error, path,
                    "expected tensor " + quote(tensor) + " in " + quote(shard) +
                        (view ? ", got it in " + quote(view->file)
                              : ", which has none of that name"));
  }
  for (auto &[tensor, view] : byName)
    if (!shardOf.count(tensor))
      return failed(error, path,
                    "expected 'weight_map' to list every tensor, got " +
                        quote(tensor) + " only in " + quote(view.file));
  return true;
}

bool Checkpoint::openList(const std::vector<std::string> &paths,
                          std::string &error) {
  for (const std::string &path : paths) {
    MappedFile mapping;
    std::string name = split(path).second;
    for (const File &file : fileList)
      if (file.name == name)
        return failed(error, path,
                      "expected files with distinct names, got " + quote(name) +
                          " twice");
    if (!MappedFile::open(path, mapping, error) ||
        !addFile(name, path, std::move(mapping), error))
      return false;
  }
  return true;
}

bool Checkpoint::openPath(const std::string &path, std::string &error) {
  static const char *const single = "model.safetensors";
  static const char *const index = "model.safetensors.index.json";
  struct stat info;
  bool isDirectory = stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
  if (!isDirectory && !endsWith(path, ".index.json"))
    return openList({path}, error);

  Directory directory;
  auto [parent, name] = split(path);
  if (!Directory::open(isDirectory ? path : parent, directory, error))
    return false;
  if (!isDirectory)
    return openIndex(directory, name, error);
  if (directory.contains(single)) {
    MappedFile mapping;
    return directory.map(single, mapping, error) &&
           addFile(single, path + "/" + single, std::move(mapping), error);
  }
  if (directory.contains(index))
    return openIndex(directory, index, error);
  std::string wanted =
      std::string("expected '") + single + "' or '" + index + "', got ";
  // Pickled checkpoints are programs: they are never read.
  if (directory.contains("pytorch_model.bin"))
    return failed(error, path,
                  wanted + "'pytorch_model.bin'; convert it to safetensors");
  return failed(error, path, wanted + "neither");
}

/// Runs `fill` on an empty checkpoint and hands it over if that worked. The
/// standard library reports lack of memory by an exception: it ends here.
template <typename Fn>
static bool openInto(Checkpoint &out, std::string &error, Fn fill) {
  try {
    Checkpoint opened;
    if (!fill(opened))
      return false;
    out = std::move(opened);
    return true;
  } catch (const std::bad_alloc &) {
    error = "out of memory while reading the checkpoint";
    return false;
  }
}

bool Checkpoint::open(const std::string &path, Checkpoint &out,
                      std::string &error) {
  return openInto(out, error,
                  [&](Checkpoint &self) { return self.openPath(path, error); });
}

bool Checkpoint::open(const std::vector<std::string> &paths, Checkpoint &out,
                      std::string &error) {
  return openInto(out, error, [&](Checkpoint &self) {
    return self.openList(paths, error);
  });
}

const TensorView *Checkpoint::find(std::string_view name) const {
  auto found = byName.find(name);
  return found == byName.end() ? nullptr : &found->second;
}

} // namespace ssmc::weights
