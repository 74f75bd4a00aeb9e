#ifndef SSMC_COMPILER_WEIGHTS_CHECKPOINT_H
#define SSMC_COMPILER_WEIGHTS_CHECKPOINT_H
#include "compiler/Weights/Files.h"
#include "compiler/Weights/Safetensors.h"
#include <functional>
#include <map>
#include <memory>

namespace ssmc::weights {

/// The tensors of one model, from one safetensors file or several, mapped
/// read-only. Movable; views stay valid while the checkpoint lives. Reading is
/// safe from any number of threads. The files must not change meanwhile.
class Checkpoint {
public:
  struct File {
    std::string name; // base name
    std::string path; // as opened
    uint64_t bytes;
  };
  using Tensors = std::map<std::string, TensorView, std::less<>>;

  /// Opens `path`:
  ///   a directory    its model.safetensors, else the shards that its
  ///                  model.safetensors.index.json lists
  ///   *.index.json   that index and its shards
  ///   another file   one safetensors file
  /// Files found through a directory or an index must be regular files with one
  /// link; a file named directly may be reached through links. On failure `out`
  /// is unchanged and `error` holds one line. Throws nothing.
  static bool open(const std::string &path, Checkpoint &out,
                   std::string &error);
  /// Opens a list of safetensors files with distinct base names and tensors.
  static bool open(const std::vector<std::string> &paths, Checkpoint &out,
                   std::string &error);

  /// Null when there is none of that name. `data` is aligned for the dtype.
  const TensorView *find(std::string_view name) const;
  /// All tensors, sorted by name.
  const Tensors &tensors() const { return byName; }
  /// The files, in the order of the list or sorted by name.
  const std::vector<File> &files() const { return fileList; }

private:
  bool openPath(const std::string &path, std::string &error);
  bool openList(const std::vector<std::string> &paths, std::string &error);
  bool openIndex(const Directory &directory, const std::string &name,
                 std::string &error);
  bool addFile(const std::string &name, const std::string &path,
               MappedFile mapping, std::string &error);

  Tensors byName;
  std::vector<File> fileList;
  std::vector<MappedFile> mappings;
  // Copies of tensors that lie misaligned in their file.
  std::vector<std::unique_ptr<uint64_t[]>> copies;
};

} // namespace ssmc::weights
#endif
