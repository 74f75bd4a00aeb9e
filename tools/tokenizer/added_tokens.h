#ifndef SSMC_TOOLS_TOKENIZER_ADDED_TOKENS_H
#define SSMC_TOOLS_TOKENIZER_ADDED_TOKENS_H
/// Tokens that are found in a text before anything else is done to it.
#include "tools/tokenizer/regex.h"
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ssmc {

struct AddedToken {
  std::string content;
  int32_t id;
  bool singleWord; ///< not where a letter or digit is next to it
  bool leftStrip;  ///< takes the white space before it
  bool rightStrip; ///< takes the white space after it
  bool normalized; ///< looked for after normalization
  bool special;    ///< left out when decoding
};

/// A part of a text: an added token (id >= 0) or the text between two.
struct Section {
  std::string_view text;
  int32_t id;
};

/// Finds tokens in a text, of several that begin at one place the longest.
class TokenFinder {
public:
  /// `tokens` have the text to look for in `content`.
  explicit TokenFinder(std::vector<AddedToken> tokens = {});

  std::vector<Section> cut(std::string_view text) const;

private:
  const AddedToken *matchAt(std::string_view text) const;

  std::vector<AddedToken> tokens; ///< by content
  bool starts[256] = {};          ///< bytes that a token begins with
};

} // namespace ssmc

#endif
