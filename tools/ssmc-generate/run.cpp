#include "tools/ssmc-generate/run.h"
#include "tools/ssmc-generate/artifact_model.h"
#include "tools/ssmc-generate/stop_ids.h"
#include "tools/tokenizer/tokenizer.h"
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <optional>
#include <unistd.h>

using namespace ssmc;
using namespace ssmc::generate;

namespace {

using Ids = std::vector<int64_t>;

bool readText(const std::string &path, std::string &text, std::string &error) {
  std::FILE *file = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
  char block[65536];
  while (size_t count = file ? std::fread(block, 1, sizeof(block), file) : 0)
    text.append(block, count);
  bool good = file && !std::ferror(file);
  if (!good)
    error = "'" + path + "': cannot read: " + std::strerror(errno);
  if (file && file != stdin)
    std::fclose(file);
  return good;
}

/// The bytes of an asset; none if the artifact carries none of this name.
std::optional<std::string_view> findAsset(const ssmc_model *model,
                                          const char *name) {
  const void *data;
  size_t size;
  if (ssmc_model_asset(model, name, &data, &size) != SSMC_OK)
    return std::nullopt;
  return std::string_view(static_cast<const char *>(data), size);
}

bool findStopIds(const ssmc_model *model, Ids &ids, std::string &error) {
  for (const char *name : {"generation_config.json", "config.json"}) {
    std::optional<std::string_view> json = findAsset(model, name);
    bool found = false;
    if (json && !readStopIds(*json, found, ids, error)) {
      error = std::string("asset '") + name + "': " + error;
      return false;
    }
    if (found)
      return true;
  }
  return true;
}

/// Reads ids [batch, length].
bool readTokens(const std::string &path, Ids &ids, int64_t &batch,
                std::string &error) {
  NpyArray array;
  if (!readNpy(path, array, error))
    return false;
  bool wide = array.dtype == SSMC_I64;
  if ((!wide && array.dtype != SSMC_I32) || array.shape.size() != 2 ||
      array.data.empty()) {
    error =
        "'" + path +
        "': expected ids [batch, length] of i32 or i64, at least one, got " +
        ssmc_dtype_name(array.dtype) + " [";
    for (size_t i = 0; i < array.shape.size(); ++i)
      error += (i ? ", " : "") + std::to_string(array.shape[i]);
    error += "]";
    return false;
  }
  batch = array.shape[0];
  ids.resize(array.data.size() / (wide ? 8 : 4));
  for (size_t i = 0; i < ids.size(); ++i)
    if (wide) {
      std::memcpy(&ids[i], &array.data[8 * i], 8);
    } else {
      int32_t id;
      std::memcpy(&id, &array.data[4 * i], 4);
      ids[i] = id;
    }
  return true;
}

bool writeTokens(const std::string &path, int64_t batch,
                 const Generation &result, std::string &error) {
  NpyArray array{SSMC_I64, {batch, result.length}, {}};
  array.data.resize(result.tokens.size() * sizeof(int64_t));
  if (!result.tokens.empty())
    std::memcpy(array.data.data(), result.tokens.data(), array.data.size());
  return writeNpy(path, array, error);
}

class Run {
public:
  explicit Run(const RunOptions &options) : options(options) {}

  bool execute(std::string &error) {
    if (!run::loadModel(options.load, loaded, error) || !loadTokenizer(error) ||
        !loadStart(error) || !openModel(error))
      return false;
    GenerateOptions how = options.generate;
    how.readAll = !options.saveState.empty();
    if (!options.ignoreEos &&
        !findStopIds(loaded.model.get(), how.stopIds, error))
      return false;

    std::optional<StreamDecoder> decoder;
    if (tokenizer && batch == 1) {
      decoder.emplace(*tokenizer, true, !options.loadState.empty());
      // The new text goes on from the prompt's, inside a character perhaps.
      for (int64_t id : start.prompt)
        decoder->append(id);
    } else if (options.outputTokens.empty()) {
      error = tokenizer
                  ? "expected --output-tokens for " + std::to_string(batch) +
                        " rows, for text is shown of one only"
                  : "expected --output-tokens, for the artifact carries "
                    "no tokenizer.json to show text with";
      return false;
    }
    auto show = [&](const Ids &tokens, std::string &error) {
      return !decoder || print(decoder->append(tokens[0]), error);
    };
    Generation result;
    if (!generate::generate(model, start, how, show, result, error) ||
        (decoder && !print(decoder->finish(), error)) ||
        (decoder && isatty(STDOUT_FILENO) && !print("\n", error)))
      return false;
    if (!options.outputTokens.empty() &&
        !writeTokens(options.outputTokens, batch, result, error))
      return false;
    if (!options.saveState.empty() && !saveState(result, error))
      return false;
    if (options.stats || isatty(STDERR_FILENO))
      printStats(result);
    return true;
  }

private:
  bool loadTokenizer(std::string &error) {
    std::optional<std::string_view> json =
        findAsset(loaded.model.get(), "tokenizer.json");
    if (json && !(tokenizer = Tokenizer::fromJson(*json, error))) {
      error = "asset 'tokenizer.json': " + error;
      return false;
    }
    if (tokenizer || (!options.hasPrompt && options.promptFile.empty()))
      return true;
    error = "expected --tokens, for the artifact carries no tokenizer.json to "
            "read the prompt with";
    return false;
  }

  /// Reads the prompt and, if asked for, the state that it follows.
  bool loadStart(std::string &error) {
    start.next = options.nextTokens;
    batch = std::max<int64_t>(1, static_cast<int64_t>(start.next.size()));
    if (options.hasPrompt || !options.promptFile.empty()) {
      if (!encodePrompt(error))
        return false;
    } else if (!options.tokens.empty() &&
               !readTokens(options.tokens, start.prompt, batch, error)) {
      return false;
    }
    if (start.prompt.empty() && start.next.empty()) {
      error = "expected a prompt of at least one token, got none";
      return false;
    }
    if (options.loadState.empty())
      return run::makeState(loaded.model.get(), batch, state, error);
    ssmc_error failure{};
    if (ssmc_state_load(loaded.model.get(), options.loadState.c_str(),
                        run::out(state), &failure) != SSMC_OK) {
      error = failure.message;
      return false;
    }
    int64_t rows = ssmc_state_batch(state.get());
    if (rows == batch)
      return true;
    error = "'" + options.loadState + "': expected a state of " +
            std::to_string(batch) + " rows, got " + std::to_string(rows);
    return false;
  }

  bool encodePrompt(std::string &error) {
    std::string text;
    if (options.hasPrompt)
      text = options.prompt;
    else if (!readText(options.promptFile, text, error))
      return false;
    // Only a text's beginning is marked.
    bool mark = options.loadState.empty();
    if (tokenizer->encode(text, start.prompt, error, mark))
      return true;
    error = "the prompt: " + error;
    return false;
  }

  bool openModel(std::string &error) {
    if (!model.open(loaded, std::move(state), error))
      return false;
    for (int64_t id : start.next)
      if (id < 0 || id >= model.vocabulary()) {
        error = "--next-token: expected an id in [0, " +
                std::to_string(model.vocabulary()) + "), got " +
                std::to_string(id);
        return false;
      }
    return true;
  }

  static bool print(const std::string &text, std::string &error) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
        std::fflush(stdout) == 0)
      return true;
    error =
        std::string("cannot write to standard output: ") + std::strerror(errno);
    return false;
  }

  bool saveState(const Generation &result, std::string &error) {
    ssmc_error failure{};
    if (ssmc_state_save(model.currentState(), options.saveState.c_str(),
                        &failure) != SSMC_OK) {
      error = failure.message;
      return false;
    }
    std::string next;
    for (int64_t id : result.next)
      next += (next.empty() ? "" : ",") + std::to_string(id);
    std::fprintf(stderr,
                 "ssmc-generate: state saved after %" PRIu64
                 " tokens; next would come --next-token=%s\n",
                 model.position(), next.c_str());
    return true;
  }

  void printStats(const Generation &result) const {
    auto line = [&](const char *name, size_t tokens, double seconds) {
      std::fprintf(stderr, "ssmc-generate: %s: %zu tokens, %.1f tokens/s\n",
                   name, tokens, seconds > 0 ? tokens / seconds : 0);
    };
    line("prompt", start.prompt.size(), result.promptSeconds);
    line("new", result.tokens.size(), result.newSeconds);
    std::fprintf(stderr,
                 "ssmc-generate: state: %" PRIu64 " bytes per sequence\n",
                 ssmc_model_state_bytes(loaded.model.get()));
  }

  const RunOptions &options;
  run::LoadedModel loaded;
  std::unique_ptr<const Tokenizer> tokenizer; ///< null: the artifact has none
  int64_t batch = 1;
  Start start;
  run::State state;
  ArtifactModel model; ///< has `state` once open
};

} // namespace

bool ssmc::generate::runGenerate(const RunOptions &options,
                                 std::string &error) {
  return Run(options).execute(error);
}
