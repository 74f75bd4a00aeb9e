#ifndef SSMC_TOOLS_NPY_NPY_H
#define SSMC_TOOLS_NPY_NPY_H
/// Strict reader and writer of NumPy's .npy files.
#include "ssmc/tensor.h"
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ssmc {

/// A dense, row-major array and the memory it owns.
struct NpyArray {
  ssmc_dtype dtype = SSMC_F32;
  std::vector<int64_t> shape;
  std::vector<std::byte> data;
};

/// Reads the .npy file at `path`: format versions 1 to 3, little-endian, C
/// order, f32, f64, i32, i64 or u8, at most SSMC_MAX_RANK extents, and exactly
/// as many bytes as the header says. Anything else returns false, with the
/// reason in `error` and `out` unchanged.
bool readNpy(const std::string &path, NpyArray &out, std::string &error);

/// The same from the `size` bytes of a file's content.
bool parseNpy(const void *bytes, size_t size, NpyArray &out,
              std::string &error);

/// The content of a file that holds `array`, whose dtype must be one of those
/// above.
std::vector<std::byte> formatNpy(const NpyArray &array);

/// Writes `array` to `path` as numpy.save would. The data goes to a new file in
/// the same directory that takes the name `path` only when complete, so that a
/// full disk leaves an earlier file as it was. A link at `path` is followed.
bool writeNpy(const std::string &path, const NpyArray &array,
              std::string &error);

} // namespace ssmc

#endif
