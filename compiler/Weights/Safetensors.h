#ifndef SSMC_COMPILER_WEIGHTS_SAFETENSORS_H
#define SSMC_COMPILER_WEIGHTS_SAFETENSORS_H
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ssmc::weights {

enum class DType : uint8_t { BF16, F16, F32, F64, I8, I16, I32, I64, U8, BOOL };

/// The spelling safetensors uses, such as "BF16".
std::string_view spelling(DType dtype);
/// Bytes of one element.
uint64_t byteWidth(DType dtype);

/// One tensor of a checkpoint, row major, little-endian. The bytes belong to
/// the checkpoint.
struct TensorView {
  DType dtype;
  std::vector<uint64_t> shape;
  const uint8_t *data;
  uint64_t bytes;
  std::string file;    // base name of the file that holds it
  uint64_t fileOffset; // of the first byte, from the start of that file

  uint64_t elements() const { return bytes / byteWidth(dtype); }
};

/// `2x3`, or `scalar` for rank 0, for messages.
std::string shapeText(const std::vector<uint64_t> &shape);

struct NamedTensor {
  std::string name;
  TensorView view;
};

constexpr uint64_t maxHeaderBytes = 100'000'000;
constexpr uint64_t maxTensors = 1'000'000;
constexpr uint64_t maxNameBytes = 512;
constexpr uint64_t maxRank = 8;

/// Reads the safetensors file in `data[0, size)`: a strict subset of what the
/// format allows. Any bytes give either views that lie inside `data` and
/// together cover it exactly, sorted by name, or false and one line in `error`.
/// Views may be misaligned for their dtype.
bool parseSafetensors(const uint8_t *data, uint64_t size,
                      const std::string &file, std::vector<NamedTensor> &out,
                      std::string &error);

} // namespace ssmc::weights
#endif
