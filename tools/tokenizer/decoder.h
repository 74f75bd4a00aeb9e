#ifndef SSMC_TOOLS_TOKENIZER_DECODER_H
#define SSMC_TOOLS_TOKENIZER_DECODER_H
/// How the texts of tokens become text.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ssmc {

/// What a tokenizer's decoder does, in this order.
struct Decoder {
  /// Per token; `first` for the first of a text.
  std::vector<std::function<std::string(std::string token, bool first)>> stages;
  /// After that, of the text as a whole: up to so many times `strip` is taken
  /// from its beginning.
  std::string strip;
  size_t stripCount = 0;
};

/// The progress of one text through a decoder.
class DecodeState {
public:
  /// `continues`: the first token is not the first of the text.
  explicit DecodeState(bool continues = false)
      : first(!continues), stripping(!continues) {}

  /// Adds the token with text `token` and returns the characters that are
  /// complete now. Bytes that begin no character become U+FFFD.
  std::string append(const Decoder &decoder, std::string token);
  /// Returns what is left at the end: U+FFFD if a character is incomplete.
  std::string finish();

private:
  bool first;
  bool stripping; ///< nothing but `strip` came so far
  size_t stripped = 0;
  std::string held; ///< bytes whose character is not complete
};

/// "<0xNN>" as the byte it names, anything else as it is.
std::string decodeByteFallback(std::string token);

} // namespace ssmc

#endif
