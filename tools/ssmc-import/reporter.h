#ifndef SSMC_TOOLS_IMPORT_REPORTER_H
#define SSMC_TOOLS_IMPORT_REPORTER_H
#include "llvm/ADT/Twine.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>

namespace ssmc::importer {

/// Where errors, warnings and progress go: one line each, errors counted.
class Reporter {
public:
  explicit Reporter(llvm::raw_ostream &stream) : stream(stream) {}
  ~Reporter() { clearProgress(); }

  void error(const llvm::Twine &message);
  void warning(const llvm::Twine &message);
  bool failed() const { return errors != 0; }

  /// Shows "stage done/total" on a terminal once the work takes over a second.
  void progress(llvm::StringRef stage, uint64_t done, uint64_t total);
  void clearProgress();

private:
  using Clock = std::chrono::steady_clock;
  llvm::raw_ostream &stream;
  unsigned errors = 0;
  Clock::time_point nextProgress = Clock::now() + std::chrono::seconds(1);
  bool progressShown = false;
};

} // namespace ssmc::importer
#endif
