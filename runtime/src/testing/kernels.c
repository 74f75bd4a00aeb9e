// Kernels of the tests' artifact, as a compiler would emit them: they call
// nothing and read no global. kernels.ld puts number N at offset 512 * N.
#include "ssmc/abi.h"

enum { channels = 4 };

// Row r of [batch, length] in a buffer whose batch rows are `stride` apart.
static int64_t place(const ssmc_kernel_args *args, int64_t row, int operand) {
  return row / args->length * args->batch_strides[operand] + row % args->length;
}

// rows[r, :] = table[ids[r], :]; one item per row.
// Operands: ids i64, table f32, rows f32.
void lookup(const ssmc_kernel_args *args, void *scratch, int64_t begin,
            int64_t end) {
  (void)scratch;
  const int64_t *ids = args->buffers[0];
  const float *table = args->buffers[1];
  float *rows = args->buffers[2];
  for (int64_t r = begin; r < end; ++r)
    for (int c = 0; c < channels; ++c)
      rows[place(args, r, 2) * channels + c] =
          table[ids[place(args, r, 0)] * channels + c];
}

// sum[b, c] += rows[b, t, c]; y[b, t, c] = sum[b, c]; one item per (b, c).
// Operands: rows f32, sum f32, y f32.
void accumulate(const ssmc_kernel_args *args, void *scratch, int64_t begin,
                int64_t end) {
  (void)scratch;
  const float *rows = args->buffers[0];
  float *sum = args->buffers[1];
  float *y = args->buffers[2];
  for (int64_t i = begin; i < end; ++i) {
    int64_t b = i / channels, c = i % channels;
    float s = sum[i];
    for (int64_t t = 0; t < args->length; ++t) {
      s += rows[(b * args->batch_strides[0] + t) * channels + c];
      y[(b * args->batch_strides[2] + t) * channels + c] = s;
    }
    sum[i] = s;
  }
}

// steps[b] += length; one item per b. Operands: steps i64.
void count(const ssmc_kernel_args *args, void *scratch, int64_t begin,
           int64_t end) {
  (void)scratch;
  int64_t *steps = args->buffers[0];
  for (int64_t b = begin; b < end; ++b)
    steps[b] += args->length;
}

// y[i] = x[i] * 0.5 + x[i] by way of scratch, one item per two rows.
// Shows the floating-point environment: halves become subnormal, sums round.
// Operands: x f32, y f32.
void blend(const ssmc_kernel_args *args, void *scratch, int64_t begin,
           int64_t end) {
  const float *x = args->buffers[0];
  float *y = args->buffers[1];
  volatile float *half = scratch;
  int64_t rows = args->batch * args->length;
  for (int64_t r = begin * 2; r < end * 2 && r < rows; ++r)
    for (int c = 0; c < channels; ++c) {
      half[c] = x[place(args, r, 0) * channels + c] * 0.5f;
      y[place(args, r, 1) * channels + c] =
          half[c] + x[place(args, r, 0) * channels + c];
    }
}

// to[b] = from[b]; one item per b. Operands: from i32, to i32.
void echo(const ssmc_kernel_args *args, void *scratch, int64_t begin,
          int64_t end) {
  (void)scratch;
  const int32_t *from = args->buffers[0];
  int32_t *to = args->buffers[1];
  for (int64_t b = begin; b < end; ++b)
    to[b] = from[b];
}

// y[b, t, c] = x[b, t, c] + y[b, t - 1, (c + 1) % channels], a round per time
// step after an empty one; one item per (b, c). Operands: x f32, y f32.
void relay(const ssmc_kernel_args *args, void *scratch, int64_t begin,
           int64_t end) {
  (void)scratch;
  const float *x = args->buffers[0];
  float *y = args->buffers[1];
  int64_t items = args->batch * channels;
  for (int64_t i = begin; i < end; ++i) {
    int64_t t = i / items - 1, b = i % items / channels, c = i % channels;
    if (t < 0)
      continue;
    const float *row = x + (b * args->batch_strides[0] + t) * channels;
    float *to = y + (b * args->batch_strides[1] + t) * channels;
    to[c] = row[c] + (t ? to[(c + 1) % channels - channels] : 0);
  }
}
