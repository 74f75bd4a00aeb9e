#ifndef SSMC_TOOLS_TOKENIZER_PRETOKENIZE_H
#define SSMC_TOOLS_TOKENIZER_PRETOKENIZE_H
/// What happens to a text before byte-pair encoding: it is cut into pieces that
/// are encoded one by one.
#include "tools/tokenizer/regex.h"
#include <functional>
#include <string>
#include <vector>

namespace ssmc {

struct Piece {
  std::string text;
  bool first; ///< begins where the whole text begins
};
using Pieces = std::vector<Piece>;
/// One stage: new pieces from the ones before.
using PreTokenizer = std::function<Pieces(Pieces)>;

/// What becomes of the matches of a pattern that cuts a text.
enum class SplitBehavior {
  Removed,
  Isolated,
  MergedWithPrevious,
  MergedWithNext,
  Contiguous, ///< neighbouring matches are one piece
};

PreTokenizer makeSplit(Regex pattern, SplitBehavior behavior, bool invert);
PreTokenizer makeByteLevel(bool addPrefixSpace, bool useRegex);

enum class PrependScheme { Always, First, Never };
/// Writes spaces as `replacement` and puts one before the text.
PreTokenizer makeMetaspace(std::string replacement, PrependScheme scheme,
                           bool split);

} // namespace ssmc

#endif
