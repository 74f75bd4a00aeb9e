/// Shows what an artifact holds.
#include "tools/ssmc-dump/extract.h"
#include "tools/ssmc-dump/print.h"
#include "tools/ssmc-run/command_line.h"
#include <cstdio>

using namespace ssmc;
using namespace ssmc::dump;

int main(int argc, char **argv) {
  std::string path, directory;
  bool state = false, plan = false, weights = false;
  CLI::App app("Shows what an artifact holds; without options, an overview.",
               "ssmc-dump");
  app.add_option("model", path, "artifact (model.fb)")->required();
  app.add_flag("--state", state, "the table of carried tensors");
  app.add_flag("--plan", plan, "kernels, and instructions with their operands");
  app.add_flag("--weights", weights, "the table of weights");
  app.add_option("--extract", directory,
                 "write assets, code and an index into this new directory");
  if (std::optional<int> status = run::parseCommandLine(app, argc, argv))
    return *status;
  ArtifactFile artifact;
  std::string error;
  if (!artifact.open(path, error) ||
      (!directory.empty() && !extract(artifact, directory, error))) {
    run::printError("ssmc-dump", error);
    return 1;
  }
  if (state)
    printStates(artifact.program());
  if (plan)
    printPlan(artifact.program());
  if (weights)
    printWeights(artifact.program());
  if (!state && !plan && !weights && directory.empty())
    printOverview(artifact);
  return 0;
}
