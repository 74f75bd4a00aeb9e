// Any bytes are either refused with a message or give views that tile the data.
// The same bytes go through the reader of an index's free-form values.
#include "compiler/Weights/Convert.h"
#include "compiler/Weights/JsonCursor.h"
#include "compiler/Weights/Safetensors.h"
#include <algorithm>
#include <cstdlib>

using namespace ssmc::weights;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  JsonCursor cursor({reinterpret_cast<const char *>(data), size});
  if (cursor.skipValue(64) == cursor.failed() || cursor.offset() > size)
    abort();

  std::vector<NamedTensor> tensors;
  std::string error;
  if (!parseSafetensors(data, size, "fuzz", tensors, error)) {
    if (error.empty() || !tensors.empty())
      abort();
    return 0;
  }
  uint64_t total = 0;
  for (const NamedTensor &tensor : tensors) {
    const TensorView &view = tensor.view;
    if (view.data != data + view.fileOffset || view.fileOffset > size ||
        view.bytes > size - view.fileOffset)
      abort();
    total += view.bytes;
    countNonFinite(view); // reads every byte of a float
    std::vector<float> values(isFloat(view.dtype) ? view.elements() : 0);
    toFloat32(view, values.data());
  }
  uint64_t headerBytes = 0;
  std::copy(data, data + 8, reinterpret_cast<uint8_t *>(&headerBytes));
  if (total != size - 8 - headerBytes)
    abort();
  return 0;
}
