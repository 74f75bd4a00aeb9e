#include "tools/tokenizer/pretokenize.h"
#include "tools/tokenizer/unicode.h"
#include <algorithm>

namespace ssmc {
namespace {

/// The pattern of GPT-2, which byte-level tokenizers use unless they bring one.
constexpr std::string_view byteLevelPattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+)"
    R"(|\s+(?!\S)|\s+)";

/// A stretch of a text between two matches, or a match.
struct Part {
  Range range;
  bool match;
};

std::vector<Part> cut(std::string_view text, const Regex &pattern,
                      bool invert) {
  std::vector<Part> parts;
  size_t end = 0;
  for (Range match : pattern.findAll(text)) {
    if (match.begin != end)
      parts.push_back({{end, match.begin}, invert});
    parts.push_back({match, !invert});
    end = match.end;
  }
  if (end != text.size())
    parts.push_back({{end, text.size()}, invert});
  return parts;
}

/// Joins each match with the part before, or with neighbouring matches.
std::vector<Part> join(std::vector<Part> parts, bool contiguous) {
  std::vector<Part> joined;
  bool afterMatch = false;
  for (const Part &part : parts) {
    bool extend =
        contiguous ? part.match == afterMatch : part.match && !afterMatch;
    if (extend && !joined.empty())
      joined.back().range.end = part.range.end;
    else
      joined.push_back(part);
    afterMatch = part.match;
  }
  return joined;
}

/// Joins each match with the part after it.
std::vector<Part> joinNext(std::vector<Part> parts) {
  std::vector<Part> joined;
  bool beforeMatch = false;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    if (part->match && !beforeMatch && !joined.empty())
      joined.back().range.begin = part->range.begin;
    else
      joined.push_back(*part);
    beforeMatch = part->match;
  }
  std::reverse(joined.begin(), joined.end());
  return joined;
}

/// Appends the pieces that `pattern` cuts `piece` into.
void split(const Piece &piece, const Regex &pattern, SplitBehavior behavior,
           bool invert, Pieces &out) {
  std::vector<Part> parts = cut(piece.text, pattern, invert);
  switch (behavior) {
  case SplitBehavior::Removed:
    parts.erase(std::remove_if(parts.begin(), parts.end(),
                               [](const Part &part) { return part.match; }),
                parts.end());
    break;
  case SplitBehavior::Isolated:
    break;
  case SplitBehavior::MergedWithPrevious:
    parts = join(std::move(parts), false);
    break;
  case SplitBehavior::Contiguous:
    parts = join(std::move(parts), true);
    break;
  case SplitBehavior::MergedWithNext:
    parts = joinNext(std::move(parts));
    break;
  }
  for (const Part &part : parts)
    if (part.range.begin != part.range.end)
      out.push_back({piece.text.substr(part.range.begin,
                                       part.range.end - part.range.begin),
                     piece.first && part.range.begin == 0});
}

bool startsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

} // namespace

PreTokenizer makeSplit(Regex pattern, SplitBehavior behavior, bool invert) {
  return [=](Pieces pieces) {
    Pieces out;
    for (const Piece &piece : pieces)
      split(piece, pattern, behavior, invert, out);
    return out;
  };
}

PreTokenizer makeByteLevel(bool addPrefixSpace, bool useRegex) {
  Regex pattern = Regex::compile(byteLevelPattern);
  return [=](Pieces pieces) {
    if (addPrefixSpace)
      for (Piece &piece : pieces)
        if (!piece.text.empty() && piece.text[0] != ' ')
          piece.text.insert(0, 1, ' ');
    Pieces out;
    for (Piece &piece : pieces)
      if (useRegex)
        split(piece, pattern, SplitBehavior::Isolated, false, out);
      else
        out.push_back(std::move(piece));
    for (Piece &piece : out)
      piece.text = toByteLevel(piece.text);
    return out;
  };
}

PreTokenizer makeMetaspace(std::string replacement, PrependScheme scheme,
                           bool splitAtSpaces) {
  Regex pattern = Regex::literal(replacement);
  return [=](Pieces pieces) {
    Pieces out;
    for (Piece &piece : pieces) {
      std::string text;
      for (char c : piece.text)
        c == ' ' ? text += replacement : text += c;
      bool prepend = scheme == PrependScheme::Always ||
                     (scheme == PrependScheme::First && piece.first);
      if (prepend && !text.empty() && !startsWith(text, replacement))
        text.insert(0, replacement);
      piece.text = std::move(text);
      if (splitAtSpaces)
        split(piece, pattern, SplitBehavior::MergedWithNext, false, out);
      else
        out.push_back(std::move(piece));
    }
    return out;
  };
}

} // namespace ssmc
