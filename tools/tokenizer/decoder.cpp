#include "tools/tokenizer/decoder.h"
#include "tools/tokenizer/unicode.h"
#include <cctype>

namespace ssmc {

std::string DecodeState::append(const Decoder &decoder, std::string token) {
  for (const auto &stage : decoder.stages)
    token = stage(std::move(token), first);
  first = false;
  held += token;

  std::string complete;
  size_t used = 0;
  while (used < held.size()) {
    std::string_view rest = std::string_view(held).substr(used);
    Utf8Step step = nextUtf8(rest);
    if (step.kind == Utf8::Cut)
      break;
    used += step.length;
    std::string_view character = rest.substr(0, step.length);
    if (stripping && stripped < decoder.stripCount &&
        character == decoder.strip) {
      ++stripped;
      continue;
    }
    stripping = false;
    if (step.kind == Utf8::Complete)
      complete += character;
    else
      complete += "\xef\xbf\xbd";
  }
  held.erase(0, used);
  return complete;
}

std::string DecodeState::finish() {
  // What is held is one beginning of a character.
  bool cut = !held.empty();
  *this = DecodeState();
  return cut ? "\xef\xbf\xbd" : "";
}

std::string decodeByteFallback(std::string token) {
  auto digit = [&](size_t i) {
    char c = static_cast<char>(std::toupper((unsigned char)token[i]));
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  if (token.size() != 6 || token.compare(0, 3, "<0x") || token[5] != '>' ||
      digit(3) < 0 || digit(4) < 0)
    return token;
  return std::string(1, static_cast<char>(digit(3) << 4 | digit(4)));
}

} // namespace ssmc
