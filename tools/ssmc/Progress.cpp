#include "tools/ssmc/Progress.h"

#include <cstdio>
#include <unistd.h>

using namespace ssmc;

static double since(std::chrono::steady_clock::time_point time) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - time)
      .count();
}

Progress::Progress(bool verbose)
    : verbose(verbose), terminal(isatty(STDERR_FILENO)), start(Clock::now()),
      stageStart(start), lastShown(start) {}

Progress::~Progress() { finishStage(); }

double Progress::seconds() const { return since(start); }

void Progress::clearLine() {
  if (shown)
    std::fprintf(stderr, "\r\033[K");
  shown = false;
}

void Progress::finishStage() {
  clearLine();
  if (verbose && !name.empty())
    std::fprintf(stderr, "%-28s %8.3f s\n", name.c_str(), since(stageStart));
}

void Progress::stage(const std::string &next) {
  finishStage();
  name = next;
  stageStart = Clock::now();
  done(0, 0);
}

void Progress::done(uint64_t part, uint64_t total) {
  // Ten times a second is as often as anybody reads.
  if (!terminal || seconds() < 1.0 || (shown && since(lastShown) < 0.1))
    return;
  lastShown = Clock::now();
  clearLine();
  if (total)
    std::fprintf(stderr, "%s: %.0f %% of %.1f MB", name.c_str(),
                 100.0 * part / total, total / 1e6);
  else
    std::fprintf(stderr, "%s", name.c_str());
  std::fflush(stderr);
  shown = true;
}
