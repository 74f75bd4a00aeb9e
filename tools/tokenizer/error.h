#ifndef SSMC_TOOLS_TOKENIZER_ERROR_H
#define SSMC_TOOLS_TOKENIZER_ERROR_H
#include <stdexcept>

namespace ssmc {

/// How the parts of the tokenizer report to `Tokenizer`, which catches it: no
/// exception leaves the library.
struct TokenizerError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

} // namespace ssmc

#endif
