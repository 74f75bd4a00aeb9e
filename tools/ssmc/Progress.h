#ifndef SSMC_TOOLS_SSMC_PROGRESS_H
#define SSMC_TOOLS_SSMC_PROGRESS_H
#include <chrono>
#include <cstdint>
#include <string>

namespace ssmc {
/// Shows what the compiler is doing: on a terminal, one line that changes, from
/// the moment the work has taken a second; with `verbose`, a line per stage.
class Progress {
public:
  explicit Progress(bool verbose);
  ~Progress();
  /// Starts a stage, ending the one before.
  void stage(const std::string &name);
  /// How much of the stage is done.
  void done(uint64_t part, uint64_t total);
  double seconds() const;

private:
  using Clock = std::chrono::steady_clock;
  void finishStage();
  void clearLine();

  bool verbose, terminal, shown = false;
  Clock::time_point start, stageStart, lastShown;
  std::string name;
};
} // namespace ssmc
#endif
