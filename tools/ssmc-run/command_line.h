#ifndef SSMC_TOOLS_SSMC_RUN_COMMAND_LINE_H
#define SSMC_TOOLS_SSMC_RUN_COMMAND_LINE_H
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <new>
#include <optional>
#include <string>

namespace ssmc::run {
/// Prints "TOOL: error: MESSAGE"; false, so that callers can return it.
inline bool printError(const char *tool, const std::string &message) {
  std::fprintf(stderr, "%s: error: %s\n", tool, message.c_str());
  return false;
}

/// Help with an option's value and default, and nothing of its constraints: a
/// violated one names itself.
class PlainHelp : public CLI::Formatter {
  std::string make_option_opts(const CLI::Option *option) const override {
    if (option->get_positional() || option->get_expected_max() == 0)
      return "";
    std::string text = option->get_expected_min() == 0 ? "[=X]" : "=X";
    if (!option->get_default_str().empty())
      text += " (" + option->get_default_str() + ")";
    return text;
  }
};

/// The status to exit with at once: 0 after --help, 2 after a wrong usage.
inline std::optional<int> parseCommandLine(CLI::App &app, int argc,
                                           char **argv) {
  app.formatter(std::make_shared<PlainHelp>());
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::Success &done) {
    return app.exit(done);
  } catch (const CLI::ParseError &wrong) {
    printError(app.get_name().c_str(), wrong.what());
    return 2;
  }
}

/// The status to exit with after `body`, which returns whether it succeeded.
/// What a call is given and gives can be larger than any memory.
template <typename Body> int finish(const char *tool, Body body) {
  try {
    return body() ? 0 : 1;
  } catch (const std::bad_alloc &) {
    printError(tool, "not enough memory for the inputs and outputs");
    return 1;
  }
}
} // namespace ssmc::run
#endif
