#ifndef SSMC_MODEL_H
#define SSMC_MODEL_H
#include "ssmc/tensor.h"
#ifdef __cplusplus
extern "C" {
#endif

/// An opened, verified artifact. Immutable: any number of threads may share it.
/// It must outlive the sessions and states made from it.
typedef struct ssmc_model ssmc_model;

typedef enum ssmc_verify {
  /// Everything but the weights' bytes: structure, bounds, every hash of
  /// metadata and code. Always done.
  SSMC_VERIFY_STRUCTURE = 0,
  /// The weights' hashes too; reads every byte.
  SSMC_VERIFY_FULL = 1,
} ssmc_verify;

typedef struct ssmc_model_options {
  size_t struct_size; ///< set by ssmc_model_options_init
  ssmc_verify verify;
  /// Use this processor level ("x86-64-v3") instead of the best one; null:
  /// best.
  const char *cpu_level;
  /// Where `--weights=external` files are; null: the artifact's directory.
  const char *weights_directory;
  const ssmc_allocator *allocator; ///< null: the C library's
} ssmc_model_options;
SSMC_API void ssmc_model_options_init(ssmc_model_options *options);

/// Opens and verifies the artifact at `path`. Running it later runs its
/// author's code with your privileges: trust an artifact as you trust a shared
/// library. Opening and verifying is safe for any bytes.
SSMC_API SSMC_NODISCARD ssmc_status
ssmc_model_open(const char *path, const ssmc_model_options *options,
                ssmc_model **out_model, ssmc_error *error);
/// Verifies the artifact in `size` bytes at `data`, which must outlive the
/// model. Its code cannot be mapped executable: sessions need the null device.
SSMC_API SSMC_NODISCARD ssmc_status ssmc_model_open_memory(
    const void *data, size_t size, const ssmc_model_options *options,
    ssmc_model **out_model, ssmc_error *error);
SSMC_API void ssmc_model_destroy(ssmc_model *model);

SSMC_API const char *ssmc_model_name(const ssmc_model *model);
/// The processor level whose code will run; "" if this processor has none.
SSMC_API const char *ssmc_model_cpu_level(const ssmc_model *model);
/// 128 bits naming definition and weights, the same for every target.
SSMC_API void ssmc_model_id(const ssmc_model *model, uint64_t out_id[2]);
/// Bytes of carried state one sequence needs.
SSMC_API uint64_t ssmc_model_state_bytes(const ssmc_model *model);
/// Bytes of weights, all entries together.
SSMC_API uint64_t ssmc_model_weight_bytes(const ssmc_model *model);

/// Extents in a shape that are known only at the call.
#define SSMC_DIM_BATCH (-1)
#define SSMC_DIM_LENGTH (-2)

typedef struct ssmc_tensor_info {
  const char *name;
  ssmc_dtype dtype;
  int32_t rank;
  int64_t shape[SSMC_MAX_RANK];
  uint64_t bound; ///< integers must be in [0, bound); 0: any
} ssmc_tensor_info;

typedef struct ssmc_entry_info {
  const char *name;
  int32_t input_count;
  int32_t output_count;
  int32_t carries_state; ///< a state object must be passed
  int64_t fixed_length;  ///< the only length it takes; 0: any
} ssmc_entry_info;

SSMC_API int32_t ssmc_model_entry_count(const ssmc_model *model);
SSMC_API SSMC_NODISCARD ssmc_status ssmc_model_entry(const ssmc_model *model,
                                                     int32_t index,
                                                     ssmc_entry_info *out_info);
SSMC_API SSMC_NODISCARD ssmc_status
ssmc_model_find_entry(const ssmc_model *model, const char *name,
                      int32_t *out_index, ssmc_error *error);
SSMC_API SSMC_NODISCARD ssmc_status
ssmc_model_input(const ssmc_model *model, int32_t entry, int32_t index,
                 ssmc_tensor_info *out_info);
SSMC_API SSMC_NODISCARD ssmc_status
ssmc_model_output(const ssmc_model *model, int32_t entry, int32_t index,
                  ssmc_tensor_info *out_info);
/// Scratch bytes a session will hold for calls of this shape.
SSMC_API SSMC_NODISCARD ssmc_status
ssmc_model_arena_bytes(const ssmc_model *model, int32_t entry, int64_t batch,
                       int64_t length, uint64_t *out_bytes);

/// One row of the typed state table.
typedef struct ssmc_state_info {
  const char *name;
  const char *role;
  ssmc_dtype dtype;
  int32_t rank; ///< logical, per sequence
  int64_t shape[SSMC_MAX_RANK];
  uint64_t bytes; ///< per sequence
} ssmc_state_info;
SSMC_API int32_t ssmc_model_state_count(const ssmc_model *model);
SSMC_API SSMC_NODISCARD ssmc_status ssmc_model_state(const ssmc_model *model,
                                                     int32_t index,
                                                     ssmc_state_info *out_info);

/// Finds a carried asset such as "tokenizer.json". The bytes live as long as
/// the model. SSMC_NOT_FOUND if there is none of this name.
SSMC_API SSMC_NODISCARD ssmc_status ssmc_model_asset(const ssmc_model *model,
                                                     const char *name,
                                                     const void **out_data,
                                                     size_t *out_size);
/// Lists the carried assets; the name lives as long as the model.
SSMC_API int32_t ssmc_model_asset_count(const ssmc_model *model);
SSMC_API SSMC_NODISCARD ssmc_status ssmc_model_asset_name(
    const ssmc_model *model, int32_t index, const char **out_name);

/// A bundled check: call `entry` on the inputs from a fresh state and compare,
/// |y - expected| <= atol + rtol * |expected|.
typedef struct ssmc_selftest_info {
  const char *entry;
  int32_t input_count;
  int32_t expected_count;
  double rtol;
  double atol;
} ssmc_selftest_info;
SSMC_API int32_t ssmc_model_selftest_count(const ssmc_model *model);
SSMC_API SSMC_NODISCARD ssmc_status ssmc_model_selftest(
    const ssmc_model *model, int32_t index, ssmc_selftest_info *out_info);
/// The names of the assets, .npy content, that hold an input or expected
/// output.
SSMC_API SSMC_NODISCARD ssmc_status
ssmc_model_selftest_input(const ssmc_model *model, int32_t selftest,
                          int32_t index, const char **out_asset);
SSMC_API SSMC_NODISCARD ssmc_status
ssmc_model_selftest_expected(const ssmc_model *model, int32_t selftest,
                             int32_t index, const char **out_asset);

#ifdef __cplusplus
}
#endif
#endif
