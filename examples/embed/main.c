/* A complete program around a compiled model: it reads a prompt of token ids in
 * one call, then generates one token per step, always the likeliest.
 *
 *   embed model.fb 10 7 7 21 3      10 tokens after the prompt 7 7 21 3
 *
 * It needs entries "prefill" and "step" with one input of token ids, [batch,
 * length], and one output of scores whose last axis is the vocabulary. */
#include <ssmc/ssmc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Everything the program holds, so that one place can end it. */
typedef struct app {
  ssmc_model *model;
  ssmc_device *device;
  ssmc_session *session;
  ssmc_state *state;
  float *scores;
} app;

/* Handles end in the reverse order of their making; null is allowed. */
static int finish(app *a, const ssmc_error *error) {
  if (error)
    fprintf(stderr, "error: %s: %s\n", ssmc_status_name(error->status),
            error->message);
  free(a->scores);
  ssmc_state_destroy(a->state);
  ssmc_session_destroy(a->session);
  ssmc_device_destroy(a->device);
  ssmc_model_destroy(a->model);
  return error ? 1 : 0;
}

/* The shape of the scores for `length` steps, from the model's description. */
static ssmc_status describe_scores(const ssmc_model *model, const char *entry,
                                   int64_t length, ssmc_tensor *out,
                                   ssmc_error *error) {
  int32_t index;
  ssmc_tensor_info info;
  ssmc_status status = ssmc_model_find_entry(model, entry, &index, error);
  if (status)
    return status;
  status = ssmc_model_output(model, index, 0, &info);
  if (!status && (info.dtype != SSMC_F32 || info.rank < 2))
    status = SSMC_INVALID_ARGUMENT;
  if (status) {
    error->status = status;
    snprintf(error->message, sizeof error->message,
             "entry '%s' has no f32 scores", entry);
    return status;
  }
  memset(out, 0, sizeof *out);
  out->dtype = info.dtype;
  out->rank = info.rank;
  for (int32_t i = 0; i < info.rank; ++i)
    out->shape[i] = info.shape[i] == SSMC_DIM_BATCH    ? 1
                    : info.shape[i] == SSMC_DIM_LENGTH ? length
                                                       : info.shape[i];
  return SSMC_OK;
}

/* Runs `entry` on `length` tokens and returns the likeliest next one. */
static ssmc_status next_token(app *a, const char *entry, int32_t *tokens,
                              int64_t length, int32_t *out_token,
                              ssmc_error *error) {
  ssmc_tensor scores;
  ssmc_status status = describe_scores(a->model, entry, length, &scores, error);
  if (status)
    return status;
  size_t count = 1;
  for (int32_t i = 0; i < scores.rank; ++i)
    count *= (size_t)scores.shape[i];
  float *memory = realloc(a->scores, (count ? count : 1) * sizeof *memory);
  if (!memory) {
    error->status = SSMC_OUT_OF_MEMORY;
    snprintf(error->message, sizeof error->message, "no memory for scores");
    return error->status;
  }
  a->scores = memory;
  scores.data = memory;

  /* Tokens may be 32 or 64 bits wide. A call checks its arguments before it
   * runs; if it fails, the state is what it was. */
  ssmc_tensor input = {tokens, SSMC_I32, 2, {1, length}};
  status = ssmc_session_call(a->session, entry, &input, 1, a->state, &scores, 1,
                             error);
  if (status)
    return status;

  /* The scores of the last step are the last row. */
  size_t vocabulary = (size_t)scores.shape[scores.rank - 1];
  const float *last = memory + count - vocabulary;
  size_t best = 0;
  for (size_t i = 1; i < vocabulary; ++i)
    if (last[i] > last[best])
      best = i;
  *out_token = (int32_t)best;
  return SSMC_OK;
}

int main(int argc, char **argv) {
  enum { max_prompt = 1024 };
  int32_t prompt[max_prompt];
  app a = {0};
  ssmc_error error;
  if (argc < 4 || argc - 3 > max_prompt) {
    fprintf(stderr, "usage: embed <model.fb> <count> <token>...\n");
    return 2;
  }
  long count = strtol(argv[2], NULL, 10);
  for (int i = 3; i < argc; ++i)
    prompt[i - 3] = (int32_t)strtol(argv[i], NULL, 10);

  /* The model is mapped, verified and shared by all sessions; the device owns
   * the threads; a session owns scratch memory; a state is one conversation. */
  if (ssmc_model_open(argv[1], NULL, &a.model, &error) ||
      ssmc_device_create_cpu(0, NULL, &a.device, &error) ||
      ssmc_session_create(a.model, a.device, &a.session, &error) ||
      ssmc_state_create(a.model, 1, &a.state, &error))
    return finish(&a, &error);

  int32_t token;
  if (next_token(&a, "prefill", prompt, argc - 3, &token, &error))
    return finish(&a, &error);
  for (long i = 0; i < count; ++i) {
    printf("%d%c", (int)token, i + 1 < count ? ' ' : '\n');
    if (i + 1 < count && next_token(&a, "step", &token, 1, &token, &error))
      return finish(&a, &error);
  }
  return finish(&a, NULL);
}
