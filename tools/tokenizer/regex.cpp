#define PCRE2_CODE_UNIT_WIDTH 8
#include "tools/tokenizer/regex.h"
#include "tools/tokenizer/error.h"
#include "tools/tokenizer/unicode.h"
#include <algorithm>
#include <array>
#include <cctype>
#include <pcre2.h>

namespace ssmc {
namespace {

constexpr size_t maxPatternBytes = 16384;
/// Steps that one attempt may take beyond a few for each byte of the text: far
/// more than any tokenizer needs, and under a second.
constexpr uint32_t spareSteps = 1000000;
constexpr uint32_t maxHeapKilobytes = 64 * 1024;

/// Unicode's White_Space and its complement as members of a class. PCRE2's \s
/// has U+180E in addition.
constexpr std::string_view space =
    R"(\t-\r\x20\x85\xa0\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f})"
    R"(\x{205f}\x{3000})";
constexpr std::string_view notSpace =
    R"(\x00-\x08\x0e-\x1f\x21-\x84\x86-\x9f\xa1-\x{167f}\x{1681}-\x{1fff})"
    R"(\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff})"
    R"(\x{3001}-\x{10ffff})";

constexpr std::string_view hexDigits = "0123456789abcdefABCDEF";

constexpr std::array<std::string_view, 38> categories = {
    "L",  "Ll", "Lm", "Lo", "Lt", "Lu", "M",  "Mc", "Me", "Mn",
    "N",  "Nd", "Nl", "No", "P",  "Pc", "Pd", "Pe", "Pf", "Pi",
    "Po", "Ps", "S",  "Sc", "Sk", "Sm", "So", "Z",  "Zl", "Zp",
    "Zs", "C",  "Cc", "Cf", "Cn", "Co", "Cs", "Any"};

/// Rewrites a pattern for Oniguruma as one that PCRE2 reads the same way. Only
/// constructs known to agree pass.
class Translator {
public:
  explicit Translator(std::string_view pattern) : pattern(pattern) {}

  std::string run() {
    while (position < pattern.size()) {
      char c = pattern[position];
      if (c == '\\')
        escape();
      else if (inClass)
        classMember(c);
      else
        outside(c);
    }
    if (inClass)
      refuse("a class without ']'");
    return std::move(result);
  }

private:
  [[noreturn]] void refuse(const std::string &what) {
    throw TokenizerError("expected a regular expression that Oniguruma and "
                         "PCRE2 read alike, got " +
                         what + " at byte " + std::to_string(position));
  }
  bool startsWith(std::string_view text) const {
    return pattern.substr(position, text.size()) == text;
  }
  void copy(size_t count) {
    result += pattern.substr(position, count);
    position += count;
  }

  void outside(char c) {
    if (c == '[')
      return openClass();
    if (c == '(')
      return openGroup();
    if (c == '{')
      return interval();
    // Oniguruma's '^' follows the last newline of a text, PCRE2's does not.
    if (c == '^')
      refuse("'^'");
    copy(1);
  }

  void openClass() {
    copy(startsWith("[^") ? 2 : 1);
    if (startsWith("]"))
      refuse("']' as the first of a class");
    inClass = true;
  }

  void classMember(char c) {
    if (c == '[')
      refuse("a class in a class");
    if (startsWith("&&"))
      refuse("'&&' in a class");
    inClass = c != ']';
    copy(1);
  }

  void openGroup() {
    for (std::string_view start :
         {"(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:"})
      if (startsWith(start))
        return copy(start.size());
    if (startsWith("(?") || startsWith("(*"))
      refuse("'" + std::string(pattern.substr(position, 3)) + "'");
    copy(1);
  }

  /// "{2}", "{2,}" or "{2,3}". Oniguruma reads a quantifier after it, and other
  /// uses of braces, in its own way.
  void interval() {
    size_t end = position + 1;
    auto skipDigits = [&] {
      size_t begin = end;
      while (end < pattern.size() && pattern[end] >= '0' && pattern[end] <= '9')
        ++end;
      return end > begin;
    };
    bool good = skipDigits();
    if (good && end < pattern.size() && pattern[end] == ',') {
      ++end;
      skipDigits();
    }
    if (!good || end == pattern.size() || pattern[end] != '}')
      refuse("'{' that begins no interval");
    copy(end + 1 - position);
    if (startsWith("+") || startsWith("?"))
      refuse("a quantifier after an interval");
  }

  void escape() {
    if (position + 1 == pattern.size())
      refuse("'\\' at the end");
    char c = pattern[position + 1];
    if (c == 's' || c == 'S') {
      std::string_view members = c == 's' ? space : notSpace;
      position += 2;
      result +=
          inClass ? std::string(members) : "[" + std::string(members) + "]";
    } else if (c == 'p' || c == 'P') {
      property();
    } else if (c == 'u') {
      size_t digits = pattern.find_first_not_of(hexDigits, position + 2);
      if (std::min(digits, pattern.size()) < position + 6)
        refuse("'\\u' without four digits");
      result += "\\x{" + std::string(pattern.substr(position + 2, 4)) + "}";
      position += 6;
    } else if (c == 'x') {
      size_t close = pattern.find('}', position);
      bool braces = pattern.substr(position, 3) == "\\x{";
      copy(braces && close != std::string_view::npos ? close + 1 - position
                                                     : 2);
    } else if (std::string_view("dDnrtf").find(c) != std::string_view::npos ||
               (!inClass && (c == 'A' || c == 'z')) ||
               (c > ' ' && c < 0x7f && !std::isalnum((unsigned char)c))) {
      copy(2);
    } else {
      refuse("'" + std::string(pattern.substr(position, 2)) + "'");
    }
  }

  /// PCRE2 takes a script's name for Script_Extensions, Oniguruma for Script.
  void property() {
    size_t close = pattern.find('}', position);
    if (position + 2 >= pattern.size() || pattern[position + 2] != '{' ||
        close == std::string_view::npos)
      refuse("'\\p' without '{name}'");
    std::string_view name = pattern.substr(position + 3, close - position - 3);
    result += pattern.substr(position, 3);
    if (name.substr(0, 1) == "^") {
      result += '^';
      name.remove_prefix(1);
    }
    if (std::find(categories.begin(), categories.end(), name) ==
        categories.end())
      result += "sc:";
    result += name;
    result += '}';
    position = close + 1;
  }

  std::string_view pattern;
  size_t position = 0;
  bool inClass = false;
  std::string result;
};

std::string pcreMessage(int code) {
  std::array<PCRE2_UCHAR, 256> text{};
  pcre2_get_error_message(code, text.data(), text.size());
  return reinterpret_cast<const char *>(text.data());
}

template <auto release> struct Releaser {
  template <typename T> void operator()(T *pointer) const { release(pointer); }
};
template <typename T, auto release>
using Handle = std::unique_ptr<T, Releaser<release>>;

} // namespace

Regex::Regex(std::string_view pattern, uint32_t options) {
  Handle<pcre2_compile_context, pcre2_compile_context_free> context(
      pcre2_compile_context_create(nullptr));
  if (!context)
    throw std::bad_alloc();
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code *compiled = pcre2_compile(
      reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
      options | PCRE2_UTF, &error, &offset, context.get());
  if (!compiled)
    throw TokenizerError("expected a regular expression, got '" +
                         std::string(pattern.substr(0, 200)) +
                         "': " + pcreMessage(error));
  code.reset(compiled, pcre2_code_free);
}

Regex Regex::compile(std::string_view pattern) {
  if (pattern.size() > maxPatternBytes)
    throw TokenizerError("expected a regular expression of at most " +
                         std::to_string(maxPatternBytes) + " bytes, got " +
                         std::to_string(pattern.size()));
  return Regex(Translator(pattern).run(),
               PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C);
}

Regex Regex::literal(std::string_view text) {
  return Regex(text, PCRE2_LITERAL);
}

std::vector<Range> Regex::findAll(std::string_view text) const {
  Handle<pcre2_match_context, pcre2_match_context_free> context(
      pcre2_match_context_create(nullptr));
  Handle<pcre2_match_data, pcre2_match_data_free> match(
      pcre2_match_data_create(1, nullptr));
  if (!context || !match)
    throw std::bad_alloc();
  uint64_t steps = spareSteps + uint64_t(4) * text.size();
  pcre2_set_match_limit(context.get(), std::min<uint64_t>(steps, UINT32_MAX));
  pcre2_set_heap_limit(context.get(), maxHeapKilobytes);

  std::vector<Range> ranges;
  for (size_t start = 0; start <= text.size();) {
    int count = pcre2_match(
        code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
        start, PCRE2_NO_UTF_CHECK, match.get(), context.get());
    if (count == PCRE2_ERROR_NOMATCH)
      break;
    if (count < 0)
      throw TokenizerError("a regular expression needs too much work on this "
                           "text: " +
                           pcreMessage(count));
    const PCRE2_SIZE *bounds = pcre2_get_ovector_pointer(match.get());
    Range range{bounds[0], bounds[1]};
    if (range.begin == range.end && !ranges.empty() &&
        ranges.back().end == range.end) {
      start += start < text.size() ? nextUtf8(text.substr(start)).length : 1;
      continue;
    }
    ranges.push_back(range);
    start = range.end;
  }
  return ranges;
}

} // namespace ssmc
