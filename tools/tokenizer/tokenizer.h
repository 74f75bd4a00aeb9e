#ifndef SSMC_TOOLS_TOKENIZER_TOKENIZER_H
#define SSMC_TOOLS_TOKENIZER_TOKENIZER_H
/// Text to token ids and back, as a Hugging Face tokenizer.json describes it.
#include "tools/tokenizer/decoder.h"
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ssmc {

struct TokenizerParts;

/// A byte-pair tokenizer. Immutable: any number of threads may share it.
class Tokenizer {
public:
  /// Reads the text of a tokenizer.json, which may be hostile. Returns null,
  /// with the reason in `error`, if it is damaged or asks for anything that is
  /// not supported: README.md here lists what is.
  static std::unique_ptr<const Tokenizer> fromJson(std::string_view json,
                                                   std::string &error);
  static std::unique_ptr<const Tokenizer> fromFile(const std::string &path,
                                                   std::string &error);
  ~Tokenizer();

  /// Appends the ids of `text` to `ids`, with the tokens that the tokenizer
  /// puts around a text if `addSpecialTokens`. False, with the reason in
  /// `error` and `ids` unchanged, if `text` is not UTF-8, has a character that
  /// the vocabulary cannot express, or drives a regular expression too far.
  bool encode(std::string_view text, std::vector<int64_t> &ids,
              std::string &error, bool addSpecialTokens = true) const;

  /// Returns the text of `ids`, always UTF-8. Special tokens are left out
  /// unless asked for; U+FFFD stands for bytes that are no character and for
  /// ids that are no token.
  std::string decode(const std::vector<int64_t> &ids,
                     bool skipSpecialTokens = true) const;

  /// The id of an added token or vocabulary entry with exactly this text; -1 if
  /// there is none.
  int64_t find(std::string_view token) const;

private:
  friend class StreamDecoder;

  explicit Tokenizer(std::unique_ptr<const TokenizerParts> parts);
  std::unique_ptr<const TokenizerParts> parts;
};

/// Decodes ids that arrive one by one: the strings returned, joined, are what
/// `decode` returns for all ids. The tokenizer must outlive it.
class StreamDecoder {
public:
  /// If the text `continues` one that is not decoded here, a space that only
  /// the beginning of a text drops is kept.
  explicit StreamDecoder(const Tokenizer &tokenizer,
                         bool skipSpecialTokens = true, bool continues = false)
      : tokenizer(tokenizer), skipSpecialTokens(skipSpecialTokens),
        state(continues) {}

  /// Returns the characters that `id` completes, possibly none.
  std::string append(int64_t id);
  /// Ends the text: returns U+FFFD if a character is incomplete. The next id
  /// begins a new text.
  std::string finish() { return state.finish(); }

private:
  const Tokenizer &tokenizer;
  bool skipSpecialTokens;
  DecodeState state;
};

} // namespace ssmc

#endif
