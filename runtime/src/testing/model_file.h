#ifndef SSMC_RUNTIME_TESTING_MODEL_FILE_H
#define SSMC_RUNTIME_TESTING_MODEL_FILE_H
#include <string>

namespace ssmc::testing {
/// Writes the valid test artifact to a file that lives as long as the process.
/// Declared apart: users of the public headers need not see the internal ones.
std::string testModelPath();
} // namespace ssmc::testing
#endif
