#ifndef SSMC_TENSOR_H
#define SSMC_TENSOR_H
#include "ssmc/status.h"
#ifdef __cplusplus
extern "C" {
#endif

/// Element types; the values are those of the artifact's schema.
typedef enum ssmc_dtype {
  SSMC_F32 = 0,
  SSMC_BF16 = 1,
  SSMC_F16 = 2,
  SSMC_F64 = 3,
  SSMC_I64 = 4,
  SSMC_I32 = 5,
  SSMC_U8 = 6,
} ssmc_dtype;

#define SSMC_MAX_RANK 8

/// A view of memory the caller owns: dense, row-major. Never freed by ssmc.
typedef struct ssmc_tensor {
  void *data;
  ssmc_dtype dtype;
  int32_t rank;
  int64_t shape[SSMC_MAX_RANK];
} ssmc_tensor;

/// Bytes of one element of `dtype`; 0 for a value that is no dtype.
SSMC_API size_t ssmc_dtype_size(ssmc_dtype dtype);
/// "f32", "i64", ...; "?" for a value that is no dtype.
SSMC_API const char *ssmc_dtype_name(ssmc_dtype dtype);

#ifdef __cplusplus
}
#endif
#endif
