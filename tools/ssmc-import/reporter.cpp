#include "tools/ssmc-import/reporter.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;

namespace ssmc::importer {

void Reporter::error(const Twine &message) {
  ++errors;
  clearProgress();
  WithColor::error(stream, "ssmc-import") << message << '\n';
}

void Reporter::warning(const Twine &message) {
  clearProgress();
  WithColor::warning(stream, "ssmc-import") << message << '\n';
}

void Reporter::progress(StringRef stage, uint64_t done, uint64_t total) {
  Clock::time_point now = Clock::now();
  if (now < nextProgress || !stream.is_displayed())
    return;
  nextProgress = now + std::chrono::milliseconds(100);
  progressShown = true;
  stream << "\r\x1b[K" << stage << ' ' << done << '/' << total;
  stream.flush();
}

void Reporter::clearProgress() {
  if (std::exchange(progressShown, false))
    stream << "\r\x1b[K";
}

} // namespace ssmc::importer
