#ifndef SSMC_TOOLS_TOKENIZER_REGEX_H
#define SSMC_TOOLS_TOKENIZER_REGEX_H
/// Regular expressions as tokenizer files write them, run by PCRE2.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct pcre2_real_code_8;

namespace ssmc {

/// Bytes [begin, end) of a text.
struct Range {
  size_t begin;
  size_t end;
};

class Regex {
public:
  /// Compiles `pattern`. Tokenizer files are written for Oniguruma; what PCRE2
  /// reads otherwise is rewritten or refused. Throws TokenizerError.
  static Regex compile(std::string_view pattern);
  /// Matches `text` itself.
  static Regex literal(std::string_view text);

  /// Returns the matches in `text`, valid UTF-8, from left to right; an empty
  /// match is skipped where the one before ends. Throws TokenizerError when a
  /// match needs too many steps.
  std::vector<Range> findAll(std::string_view text) const;

private:
  Regex(std::string_view pattern, uint32_t options);

  std::shared_ptr<const pcre2_real_code_8> code;
};

} // namespace ssmc

#endif
