/// Continues text, or rows of token ids, with the language model of an
/// artifact.
#include "tools/ssmc-generate/run.h"
#include "tools/ssmc-run/command_line.h"
#include <cmath>
#include <cstdlib>

using namespace ssmc;
using namespace ssmc::generate;

namespace {

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

/// A file, from an argument "@file".
std::string checkAtSign(const std::string &text) {
  return text.size() > 1 && text[0] == '@'
             ? ""
             : "expected '@file.npy', got '" + text + "'";
}

double toNumber(const std::string &text) {
  char *end = nullptr;
  double value = std::strtod(text.c_str(), &end);
  return *end ? NAN : value;
}

std::string checkTemperature(const std::string &text) {
  double value = toNumber(text);
  return value >= 0 && value < HUGE_VAL
             ? ""
             : "expected a number from 0 on, got '" + text + "'";
}

std::string checkProbability(const std::string &text) {
  double value = toNumber(text);
  return value > 0 && value <= 1
             ? ""
             : "expected a number above 0 and at most 1, got '" + text + "'";
}

constexpr int64_t manyTokens = int64_t(1) << 40;

void declareText(CLI::App &app, RunOptions &options) {
  app.add_option("model", options.load.path, "artifact (model.fb)")->required();
  CLI::Option *inputs[] = {
      app.add_option("--prompt", options.prompt, "text to continue"),
      app.add_option("--prompt-file", options.promptFile,
                     "file with the text to continue; - is standard input"),
      app.add_option("--tokens", options.tokens,
                     "ids to continue, in place of text: @ids.npy, int32 or "
                     "int64 [batch, length]")
          ->check(checkAtSign),
      app.add_option("--next-token", options.nextTokens,
                     "go on with this token after a loaded state; one per row, "
                     "as 7,1,3")
          ->delimiter(',')
          ->allow_extra_args(false)};
  for (CLI::Option *input : inputs)
    for (CLI::Option *other : inputs)
      if (input != other)
        input->excludes(other);
  app.add_option("--output-tokens", options.outputTokens,
                 "write the new ids, int64 [batch, length], to @new.npy; a row "
                 "that ended early is filled up with its end token")
      ->check(checkAtSign);
  app.add_option("--max-new-tokens", options.generate.maxNewTokens,
                 "end after so many; 0 only reads the prompt")
      ->default_val(128)
      ->check(CLI::Range(int64_t(0), manyTokens));
  app.add_flag("--ignore-eos", options.ignoreEos,
               "go on where the model ends its text");
  CLI::Option *load = app.add_option("--load-state", options.loadState,
                                     "go on from this state file");
  inputs[3]->needs(load);
  app.add_option("--save-state", options.saveState,
                 "write the state after the last new token");
}

void declareSampling(CLI::App &app, SamplerOptions &options) {
  CLI::Option *temperature =
      app.add_option("--temperature", options.temperature,
                     "0 takes the most likely token; above, draw: the higher, "
                     "the more often less likely ones")
          ->default_val(0)
          ->check(checkTemperature);
  for (CLI::Option *option :
       {app.add_option("--top-k", options.topK,
                       "draw from so many most likely tokens")
            ->check(CLI::Range(int64_t(1), manyTokens)),
        app.add_option("--top-p", options.topP,
                       "draw from the fewest most likely tokens that together "
                       "have this probability, after --top-k")
            ->check(checkProbability),
        app.add_option("--seed", options.seed, "of the draws; without it 0")})
    option->needs(temperature);
}

void declareLoading(CLI::App &app, RunOptions &options) {
  app.add_option("--threads", options.load.threads,
                 "0, the default: one per processor")
      ->check(CLI::Range(0, 1024));
  app.add_option_function<std::string>(
         "--verify",
         [&options](const std::string &text) {
           options.load.verifyFull = text == "full";
         },
         "structure (the default), or full: the weights' bytes too")
      ->check(CLI::IsMember({"structure", "full"}));
  app.add_flag(
      "--stats", options.stats,
      "speed and bytes of state to stderr; always if it is a terminal");
}

/// What the parser cannot check; empty if good.
std::string checkUsage(const CLI::App &app) {
  auto given = [&](const char *name) { return app.count(name) > 0; };
  if (!given("--prompt") && !given("--prompt-file") && !given("--tokens") &&
      !given("--next-token"))
    return "expected --prompt, --prompt-file, --tokens or, after a loaded "
           "state, --next-token, got none";
  for (const char *name : {"--prompt-file", "--load-state", "--save-state"})
    if (given(name) && app.get_option(name)->as<std::string>().empty())
      return std::string("expected a file for ") + name + ", got ''";
  if (!given("--temperature") ||
      app.get_option("--temperature")->as<double>() == 0)
    for (const char *name : {"--top-k", "--top-p", "--seed"})
      if (given(name))
        return std::string("expected a --temperature above 0 with ") + name +
               ", got 0";
  return "";
}

} // namespace

int main(int argc, char **argv) {
  RunOptions options;
  CLI::App app("Continues text with the language model of an artifact.",
               "ssmc-generate");
  app.footer(examples);
  declareText(app, options);
  declareSampling(app, options.generate.sampling);
  declareLoading(app, options);
  if (std::optional<int> status = run::parseCommandLine(app, argc, argv))
    return *status;
  std::string error = checkUsage(app);
  if (!error.empty()) {
    run::printError("ssmc-generate", error);
    return 2;
  }
  options.hasPrompt = app.count("--prompt") > 0;
  for (std::string *path : {&options.tokens, &options.outputTokens})
    path->erase(0, 1); // the '@'
  if (runGenerate(options, error))
    return 0;
  run::printError("ssmc-generate", error);
  return 1;
}
