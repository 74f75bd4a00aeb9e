#ifndef SSMC_TOOLS_TOKENIZER_PARTS_H
#define SSMC_TOOLS_TOKENIZER_PARTS_H
/// What a tokenizer consists of, in the order in which text passes through.
#include "tools/tokenizer/added_tokens.h"
#include "tools/tokenizer/bpe.h"
#include "tools/tokenizer/decoder.h"
#include "tools/tokenizer/pretokenize.h"

namespace ssmc {

using Normalizer = std::function<std::string(std::string)>;

struct TokenizerParts {
  std::vector<AddedToken> addedTokens; ///< by id
  TokenFinder rawTokens;               ///< looked for before normalization
  TokenFinder normalizedTokens;        ///< and after it
  std::vector<Normalizer> normalizers;
  std::vector<PreTokenizer> preTokenizers;
  Bpe model;
  std::vector<int64_t> prefix, suffix; ///< ids put around a text
  Decoder decoder;

  std::string normalize(std::string_view text) const;
  /// Null if `id` is not an added token.
  const AddedToken *addedToken(int64_t id) const;
};

/// Reads a tokenizer.json. Throws TokenizerError, naming the field.
void readTokenizer(std::string_view json, TokenizerParts &parts);

} // namespace ssmc

#endif
