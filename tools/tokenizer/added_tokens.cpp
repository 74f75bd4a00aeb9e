#include "tools/tokenizer/added_tokens.h"
#include "tools/tokenizer/unicode.h"
#include <algorithm>

namespace ssmc {
namespace {

/// Whether `character` is one character of words: Alphabetic (letters, letter
/// numbers and enclosed letters), marks, digits, connectors and joiners.
bool isWord(std::string_view character) {
  static const Regex word = Regex::compile(
      R"([\p{L}\p{Nl}\p{M}\p{Nd}\p{Pc}\x{200c}\x{200d}\x{24b6}-\x{24e9})"
      R"(\x{1f130}-\x{1f149}\x{1f150}-\x{1f169}\x{1f170}-\x{1f189}])");
  return !word.findAll(character).empty();
}

bool isSpace(std::string_view character) {
  static const Regex space = Regex::compile(R"(\s)");
  return !space.findAll(character).empty();
}

std::string_view firstCharacter(std::string_view text) {
  return text.empty() ? text : text.substr(0, nextUtf8(text).length);
}

std::string_view lastCharacter(std::string_view text) {
  size_t begin = text.size();
  while (begin && (text[--begin] & 0xc0) == 0x80)
    ;
  return text.substr(begin);
}

} // namespace

TokenFinder::TokenFinder(std::vector<AddedToken> list)
    : tokens(std::move(list)) {
  std::sort(tokens.begin(), tokens.end(),
            [](const AddedToken &a, const AddedToken &b) {
              return a.content < b.content;
            });
  for (const AddedToken &token : tokens)
    starts[static_cast<unsigned char>(token.content[0])] = true;
}

/// Returns the longest token that `text` begins with, or null.
const AddedToken *TokenFinder::matchAt(std::string_view text) const {
  if (!starts[static_cast<unsigned char>(text[0])])
    return nullptr;
  // [low, high) are the tokens whose first `length` bytes are those of `text`.
  auto low = tokens.begin(), high = tokens.end();
  const AddedToken *longest = nullptr;
  for (size_t length = 0; length < text.size() && low != high; ++length) {
    auto at = [length](const AddedToken &token) {
      return length < token.content.size()
                 ? static_cast<unsigned char>(token.content[length])
                 : -1;
    };
    int byte = static_cast<unsigned char>(text[length]);
    low = std::partition_point(
        low, high, [&](const AddedToken &token) { return at(token) < byte; });
    high = std::partition_point(
        low, high, [&](const AddedToken &token) { return at(token) <= byte; });
    if (low != high && low->content.size() == length + 1)
      longest = &*low;
  }
  return longest;
}

std::vector<Section> TokenFinder::cut(std::string_view text) const {
  std::vector<Section> sections;
  // `done` is where the sections so far end, `next` where to look for a token.
  size_t done = 0, next = 0;
  while (next < text.size()) {
    const AddedToken *token = matchAt(text.substr(next));
    if (!token) {
      ++next;
      continue;
    }
    size_t begin = next, end = next + token->content.size();
    next = end;
    if (token->singleWord && (isWord(lastCharacter(text.substr(0, begin))) ||
                              isWord(firstCharacter(text.substr(end)))))
      continue;
    if (token->leftStrip)
      while (begin > done) {
        size_t length = lastCharacter(text.substr(0, begin)).size();
        if (!isSpace(text.substr(begin - length, length)))
          break;
        begin -= length;
      }
    if (token->rightStrip)
      while (isSpace(firstCharacter(text.substr(end))))
        end += firstCharacter(text.substr(end)).size();
    next = end;
    if (done < begin)
      sections.push_back({text.substr(done, begin - done), -1});
    sections.push_back({text.substr(begin, end - begin), token->id});
    done = end;
  }
  if (done < text.size())
    sections.push_back({text.substr(done), -1});
  return sections;
}

} // namespace ssmc
