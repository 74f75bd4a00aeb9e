#ifndef SSMC_TOOLS_SSMC_GENERATE_RUN_H
#define SSMC_TOOLS_SSMC_GENERATE_RUN_H
/// One run of the tool: from an artifact and a prompt to text, ids and a state.
#include "tools/ssmc-generate/generator.h"
#include "tools/ssmc-run/call.h"
#include <string>

namespace ssmc::generate {

/// Empty strings stand for options that are not given.
struct RunOptions {
  run::LoadOptions load;
  bool hasPrompt = false; ///< `prompt` may be empty text
  std::string prompt, promptFile;
  std::string tokens, outputTokens; ///< paths of .npy files
  std::string loadState, saveState;
  std::vector<int64_t> nextTokens;
  GenerateOptions generate;
  bool ignoreEos = false, stats = false;
};

/// Writes the new text to standard output as it comes. False, with the reason
/// in `error`, if anything failed; what was asked for in files is then either
/// complete or not there.
bool runGenerate(const RunOptions &options, std::string &error);

} // namespace ssmc::generate

#endif
