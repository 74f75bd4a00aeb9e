#include "tools/tokenizer/error.h"
#include "tools/tokenizer/regex.h"
#include <gtest/gtest.h>

using ssmc::Regex;

namespace {

std::vector<std::string> find(const char *pattern, std::string_view text) {
  std::vector<std::string> found;
  for (ssmc::Range range : Regex::compile(pattern).findAll(text))
    found.emplace_back(text.substr(range.begin, range.end - range.begin));
  return found;
}

std::string refusal(const std::string &pattern) {
  try {
    Regex::compile(pattern);
  } catch (const ssmc::TokenizerError &error) {
    return error.what();
  }
  return "none";
}

using Strings = std::vector<std::string>;

TEST(Regex, FindsFromLeftToRight) {
  EXPECT_EQ(find("\\p{L}+|\\p{N}", "aé1中 23"),
            (Strings{"aé", "1", "中", "2", "3"}));
  EXPECT_EQ(find("x", "abc"), Strings{});
  EXPECT_EQ(find("x*", "axxb"), (Strings{"", "xx", ""}));
  EXPECT_EQ(find("x*", "éé"), (Strings{"", "", ""}));
}

TEST(Regex, SpaceIsUnicodesWhiteSpace) {
  // U+180E was white space until Unicode 6.3 and is still in PCRE2's \s.
  const char *text = "a\u00a0b\u2028c\u3000d\u0085e\u180ef";
  EXPECT_EQ(find("\\s", text),
            (Strings{"\u00a0", "\u2028", "\u3000", "\u0085"}));
  EXPECT_EQ(find("[^\\s]+", text), (Strings{"a", "b", "c", "d", "e\u180ef"}));
  EXPECT_EQ(find("\\S+", text), (Strings{"a", "b", "c", "d", "e\u180ef"}));
  EXPECT_EQ(find("[\\S\\n]+", "a\nb c"), (Strings{"a\nb", "c"}));
}

TEST(Regex, ScriptsAreNotExtended) {
  // U+0342 is in the Script_Extensions of Greek, and Inherited by Script.
  EXPECT_EQ(find("\\p{Greek}+", "α\u0342β"), (Strings{"α", "β"}));
}

TEST(Regex, LiteralsHaveNoOperators) {
  auto ranges = Regex::literal("a.b").findAll("axb a.b");
  ASSERT_EQ(ranges.size(), 1u);
  EXPECT_EQ(ranges[0].begin, 4u);
}

TEST(Regex, RefusesWhatTheTwoEnginesReadDifferently) {
  auto alike = [](const std::string &what) {
    return "expected a regular expression that Oniguruma and PCRE2 read alike, "
           "got " +
           what;
  };
  EXPECT_EQ(refusal("a\\w"), alike("'\\w' at byte 1"));
  EXPECT_EQ(refusal("\\h"), alike("'\\h' at byte 0"));
  EXPECT_EQ(refusal("\\bword"), alike("'\\b' at byte 0"));
  EXPECT_EQ(refusal("[a[b]]"), alike("a class in a class at byte 2"));
  EXPECT_EQ(refusal("[a&&b]"), alike("'&&' in a class at byte 2"));
  EXPECT_EQ(refusal("[]a]"), alike("']' as the first of a class at byte 1"));
  EXPECT_EQ(refusal("[a"), alike("a class without ']' at byte 2"));
  EXPECT_EQ(refusal("(?m:.)"), alike("'(?m' at byte 0"));
  EXPECT_EQ(refusal("(?<x>a)"), alike("'(?<' at byte 0"));
  EXPECT_EQ(refusal("(*COMMIT)"), alike("'(*C' at byte 0"));
  EXPECT_EQ(refusal("^a"), alike("'^' at byte 0"));
  EXPECT_EQ(refusal("a{,2}"), alike("'{' that begins no interval at byte 1"));
  EXPECT_EQ(refusal("a{2}+"),
            alike("a quantifier after an interval at byte 4"));
  EXPECT_EQ(refusal("\\pL"), alike("'\\p' without '{name}' at byte 0"));
  EXPECT_EQ(refusal("\\u12"), alike("'\\u' without four digits at byte 0"));
  EXPECT_EQ(refusal("a\\"), alike("'\\' at the end at byte 1"));
}

TEST(Regex, SaysWhatIsWrongWithAPattern) {
  EXPECT_EQ(refusal("(a"), "expected a regular expression, got '(a': missing "
                           "closing parenthesis");
  EXPECT_EQ(refusal("\\p{Klingon}"),
            "expected a regular expression, got '\\p{sc:Klingon}': unknown "
            "property after \\P or \\p");
  EXPECT_EQ(refusal(std::string(16385, 'a')),
            "expected a regular expression of at most 16384 bytes, got 16385");
  EXPECT_EQ(refusal("\\p{L}{1,3}(?i:'s|'t)?+"), "none");
  EXPECT_EQ(refusal("[\\x41-\\x{5a}\\u4e00-\\u9fa5]"), "none");
}

} // namespace
