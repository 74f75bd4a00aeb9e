#ifndef SSMC_TOOLS_TOKENIZER_UNICODE_H
#define SSMC_TOOLS_TOKENIZER_UNICODE_H
/// UTF-8, the printable alphabet of byte-level tokenizers, normal forms.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ssmc {

enum class Utf8 {
  Complete, ///< a character
  Invalid,  ///< bytes that begin no character, whatever follows
  Cut,      ///< the beginning of a character that the text's end cuts off
};
struct Utf8Step {
  Utf8 kind;
  size_t length;
};
/// Looks at the beginning of `text`, which is not empty. An invalid step is as
/// long as Unicode's "maximal subpart", which U+FFFD replaces as one.
Utf8Step nextUtf8(std::string_view text);

/// Returns the offset of the first byte that is not UTF-8, npos if there is
/// none.
size_t findInvalidUtf8(std::string_view text);

/// Writes each byte of `bytes` as the character that stands for it in
/// byte-level vocabularies: itself if printable in Latin-1, else one from
/// U+0100 on.
std::string toByteLevel(std::string_view bytes);
/// The reverse; none if `text` has a character that stands for no byte.
std::optional<std::string> fromByteLevel(std::string_view text);

enum class NormalForm { NFC, NFD, NFKC, NFKD };
/// Whether this build can normalize.
bool canNormalize();
/// Requires `canNormalize` and valid UTF-8.
std::string normalize(std::string_view text, NormalForm form);

} // namespace ssmc

#endif
