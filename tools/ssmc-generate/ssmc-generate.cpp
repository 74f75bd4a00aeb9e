/// Continues text, or rows of token ids, with the language model of an
/// artifact.
#include "tools/ssmc-generate/artifact_model.h"
#include "tools/ssmc-generate/stop_ids.h"
#include "tools/tokenizer/tokenizer.h"
#include <CLI/CLI.hpp>
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

constexpr const char *examples =
    R"help(
Examples:
  ssmc-generate model.fb --prompt "def main(" --max-new-tokens=64
      writes the continuation, token by token, and nothing else to stdout
  ssmc-generate model.fb --prompt "Once" --temperature=0.8 --top-p=0.95 --seed=7
      draws instead; the same seed draws the same
  ssmc-generate model.fb --tokens=@ids.npy --output-tokens=@new.npy
      continues each row of an int32 or int64 array [batch, length]

State: a model reads a long text once.
  ssmc-generate model.fb --prompt-file=book.txt --max-new-tokens=0 --save-state=book.state
  ssmc-generate model.fb --load-state=book.state --prompt "In short,"
      goes on after the book without reading it again
  A saved state has read all of its text: the prompt and every new token. What
  follows a state is the next prompt. To go on from the very place where a run
  stopped, give the token that the model would have chosen next; the run that
  saves the state names it:
  ssmc-generate model.fb --load-state=run.state --next-token=42
      together the two runs give what one longer run gives

A run ends after --max-new-tokens or when the model ends its text (eos_token_id
of the artifact's generation_config.json or config.json).)help";

struct Options {
  run::LoadOptions load;
  std::optional<std::string> prompt;
  std::string promptFile, tokens, outputTokens, loadState, saveState;
  Ids nextTokens;
  GenerateOptions generate;
  bool ignoreEos = false, stats = false;
};

int fail(const std::string &message) {
  std::fprintf(stderr, "ssmc-generate: error: %s\n", message.c_str());
  return 1;
}

/// A file that a run reads or writes, from an argument "@file".
std::string checkAtSign(const std::string &text) {
  return text.size() > 1 && text[0] == '@'
             ? ""
             : "expected '@file.npy', got '" + text + "'";
}

std::string checkTemperature(const std::string &text) {
  char *end = nullptr;
  double value = std::strtod(text.c_str(), &end);
  return *end == 0 && value >= 0 && value < HUGE_VAL
             ? ""
             : "expected a number from 0 on, got '" + text + "'";
}

std::string checkProbability(const std::string &text) {
  char *end = nullptr;
  double value = std::strtod(text.c_str(), &end);
  return *end == 0 && value > 0 && value <= 1
             ? ""
             : "expected a number above 0 and at most 1, got '" + text + "'";
}

void declare(CLI::App &app, Options &options) {
  app.footer(examples);
  app.add_option("model", options.load.path, "artifact (model.fb)")->required();
  SamplerOptions &sampling = options.generate.sampling;
  auto *prompt = app.add_option("--prompt", options.prompt, "text to continue");
  auto *promptFile =
      app.add_option("--prompt-file", options.promptFile,
                     "file with the text to continue; - is standard input")
          ->excludes(prompt);
  auto *tokens = app.add_option("--tokens", options.tokens,
                                "ids to continue, in place of text: "
                                "@ids.npy, int32 or int64 [batch, length]")
                     ->check(checkAtSign)
                     ->excludes(prompt)
                     ->excludes(promptFile);
  app.add_option("--max-new-tokens", options.generate.maxNewTokens,
                 "end after so many; 0 only reads the prompt")
      ->default_val(128)
      ->check(CLI::Range(int64_t(0), int64_t(1) << 40));
  app.add_flag("--ignore-eos", options.ignoreEos,
               "go on where the model ends its text");
  auto *temperature =
      app.add_option("--temperature", sampling.temperature,
                     "0 takes the most likely token; above, draw: the higher, "
                     "the less likely tokens come")
          ->default_val(0)
          ->check(checkTemperature);
  app.add_option("--top-k", sampling.topK,
                 "draw from so many most likely tokens")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 40))
      ->needs(temperature);
  app.add_option("--top-p", sampling.topP,
                 "draw from the fewest tokens that together have this "
                 "probability (after --top-k)")
      ->check(checkProbability)
      ->needs(temperature);
  app.add_option("--seed", sampling.seed, "of the draws (0)")
      ->needs(temperature);
  app.add_option("--output-tokens", options.outputTokens,
                 "write the new ids, int64 [batch, length]: @new.npy; a row "
                 "that ended early is filled up with its end token")
      ->check(checkAtSign);
  app.add_option("--save-state", options.saveState,
                 "write the state after the last new token");
  auto *loadState = app.add_option("--load-state", options.loadState,
                                   "go on from this state");
  app.add_option("--next-token", options.nextTokens,
                 "begin with this token, one per row as 7,1,3, instead of a "
                 "prompt")
      ->delimiter(',')
      ->needs(loadState)
      ->excludes(prompt)
      ->excludes(promptFile)
      ->excludes(tokens);
  app.add_option("--threads", options.load.threads, "0: one per processor")
      ->check(CLI::Range(0, 1024));
  app.add_option_function<std::string>(
         "--verify",
         [&options](const std::string &text) {
           options.load.verifyFull = text == "full";
         },
         "structure, or full: the weights' bytes too")
      ->check(CLI::IsMember({"structure", "full"}));
  app.add_flag("--stats", options.stats,
               "speed and bytes of state to stderr (always if a terminal)");
}

/// Usage that the parser cannot check; empty if good.
std::string checkUsage(const CLI::App &app, const Options &options) {
  if (!options.prompt && options.promptFile.empty() && options.tokens.empty() &&
      options.nextTokens.empty())
    return options.loadState.empty()
               ? "expected --prompt, --prompt-file or --tokens, got none"
               : "expected --prompt, --prompt-file, --tokens or --next-token "
                 "after the loaded state, got none";
  if (options.generate.sampling.temperature == 0)
    for (const char *name : {"--top-k", "--top-p", "--seed"})
      if (app.count(name))
        return std::string("expected a --temperature above 0 with ") + name +
               ", got 0";
  return "";
}

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
  explicit Run(const Options &options) : options(options) {}

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
        !writeTokens(options.outputTokens.substr(1), batch, result, error))
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
    if (tokenizer || (!options.prompt && options.promptFile.empty()))
      return true;
    error = "expected --tokens, for the artifact carries no tokenizer.json to "
            "read the prompt with";
    return false;
  }

  /// Reads the prompt and, if asked for, the state that it follows.
  bool loadStart(std::string &error) {
    start.next = options.nextTokens;
    batch = std::max<int64_t>(1, static_cast<int64_t>(start.next.size()));
    if (options.prompt || !options.promptFile.empty()) {
      if (!encodePrompt(error))
        return false;
    } else if (!options.tokens.empty() &&
               !readTokens(options.tokens.substr(1), start.prompt, batch,
                           error)) {
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
    if (options.prompt)
      text = *options.prompt;
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

  const Options &options;
  run::LoadedModel loaded;
  std::unique_ptr<const Tokenizer> tokenizer; ///< null: the artifact has none
  int64_t batch = 1;
  Start start;
  run::State state;
  ArtifactModel model; ///< has `state` once open
};

} // namespace

int main(int argc, char **argv) {
  Options options;
  CLI::App app("Continues text with the language model of an artifact.",
               "ssmc-generate");
  declare(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success &done) {
    return app.exit(done);
  } catch (const CLI::ParseError &wrong) {
    fail(wrong.what());
    return 2;
  }
  std::string error = checkUsage(app, options);
  if (!error.empty()) {
    fail(error);
    return 2;
  }
  if (!Run(options).execute(error))
    return fail(error);
  return 0;
}
