#include "compiler/Weights/JsonCursor.h"

namespace ssmc::weights {

static bool isDigit(char c) { return c >= '0' && c <= '9'; }

std::string quote(std::string_view text) {
  static const char digits[] = "0123456789abcdef";
  constexpr size_t limit = 80;
  std::string out = "'";
  for (unsigned char c : text.substr(0, limit)) {
    if (c >= 0x20 && c < 0x7f)
      out += static_cast<char>(c);
    else
      (out += "\\x") += {digits[c >> 4], digits[c & 15]};
  }
  if (text.size() > limit)
    out += "...";
  return out += '\'';
}

bool JsonCursor::fail(std::string_view wanted) {
  if (failed())
    return false;
  message = "expected " + std::string(wanted) + " at byte " +
            std::to_string(position) + ", got ";
  message += position < text.size() ? quote(text.substr(position, 1))
                                    : std::string("the end");
  return false;
}

void JsonCursor::skipWhitespace() {
  while (position < text.size() &&
         (text[position] == ' ' || text[position] == '\n' ||
          text[position] == '\r' || text[position] == '\t'))
    ++position;
}

bool JsonCursor::accept(char c) {
  skipWhitespace();
  if (failed() || position == text.size() || text[position] != c)
    return false;
  ++position;
  return true;
}

bool JsonCursor::expect(char c, std::string_view wanted) {
  return accept(c) || fail(wanted);
}

bool JsonCursor::hex4(uint32_t &out) {
  out = 0;
  for (int i = 0; i < 4; ++i) {
    char c = position < text.size() ? text[position] : 0;
    uint32_t digit;
    if (isDigit(c))
      digit = c - '0';
    else if (c >= 'a' && c <= 'f')
      digit = c - 'a' + 10;
    else if (c >= 'A' && c <= 'F')
      digit = c - 'A' + 10;
    else
      return fail("a hexadecimal digit");
    out = out * 16 + digit;
    ++position;
  }
  return true;
}

static void appendUtf8(std::string &out, uint32_t code) {
  auto byte = [&](uint32_t value) { out += static_cast<char>(value); };
  if (code < 0x80)
    return byte(code);
  if (code < 0x800) {
    byte(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      byte(0xe0 | code >> 12);
    } else {
      byte(0xf0 | code >> 18);
      byte(0x80 | (code >> 12 & 0x3f));
    }
    byte(0x80 | (code >> 6 & 0x3f));
  }
  byte(0x80 | (code & 0x3f));
}

/// Reads what follows a backslash.
bool JsonCursor::escape(std::string *out) {
  static const std::string_view letters = "\"\\/bfnrt";
  static const std::string_view meanings = "\"\\/\b\f\n\r\t";
  if (position < text.size() && text[position] == 'u') {
    ++position;
    uint32_t code, low;
    if (!hex4(code))
      return false;
    if (code >= 0xdc00 && code < 0xe000)
      return fail("a high surrogate before a low one");
    if (code >= 0xd800 && code < 0xdc00) {
      if (text.substr(position, 2) != "\\u")
        return fail("a low surrogate");
      position += 2;
      if (!hex4(low))
        return false;
      if (low < 0xdc00 || low >= 0xe000)
        return fail("a low surrogate");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    if (out)
      appendUtf8(*out, code);
    return true;
  }
  size_t which = position < text.size() ? letters.find(text[position])
                                        : std::string_view::npos;
  if (which == std::string_view::npos)
    return fail("an escape letter");
  ++position;
  if (out)
    *out += meanings[which];
  return true;
}

bool JsonCursor::string(std::string *out, size_t maxBytes) {
  if (!expect('"', "a string"))
    return false;
  if (out)
    out->clear();
  while (position < text.size() && text[position] != '"') {
    if (static_cast<unsigned char>(text[position]) < 0x20)
      return fail("an escape for a control character");
    if (text[position] == '\\') {
      ++position;
      if (!escape(out))
        return false;
    } else {
      if (out)
        *out += text[position];
      ++position;
    }
    if (out && out->size() > maxBytes)
      return fail("a string of at most " + std::to_string(maxBytes) + " bytes");
  }
  return expect('"', "'\"'");
}

bool JsonCursor::unsignedInteger(uint64_t &out) {
  skipWhitespace();
  size_t begin = position;
  out = 0;
  for (; position < text.size() && isDigit(text[position]); ++position)
    if (__builtin_mul_overflow(out, uint64_t(10), &out) ||
        __builtin_add_overflow(out, uint64_t(text[position] - '0'), &out))
      return fail("an integer below 2^64");
  if (position == begin)
    return fail("an unsigned integer");
  if (text[begin] == '0' && position - begin > 1) {
    position = begin;
    return fail("an integer without leading zeros");
  }
  return !failed();
}

/// Reads any JSON number.
bool JsonCursor::number() {
  auto digits = [&] {
    size_t begin = position;
    while (position < text.size() && isDigit(text[position]))
      ++position;
    return position != begin || fail("a digit");
  };
  auto at = [&](char c) {
    return position < text.size() && text[position] == c;
  };
  if (at('-'))
    ++position;
  if (at('0'))
    ++position;
  else if (!digits())
    return false;
  if (at('.')) {
    ++position;
    if (!digits())
      return false;
  }
  if (at('e') || at('E')) {
    ++position;
    if (at('+') || at('-'))
      ++position;
    return digits();
  }
  return true;
}

bool JsonCursor::skipValue(unsigned maxDepth) {
  skipWhitespace();
  char c = position < text.size() ? text[position] : 0;
  if (c == '"')
    return string(nullptr);
  if (c == '{' || c == '[') {
    if (maxDepth == 0)
      return fail("a value nested less deeply");
    if (c == '[')
      return array([&] { return skipValue(maxDepth - 1); });
    return object(SIZE_MAX,
                  [&](const std::string &) { return skipValue(maxDepth - 1); });
  }
  for (std::string_view word : {"true", "false", "null"})
    if (text.substr(position, word.size()) == word) {
      position += word.size();
      return !failed();
    }
  if (c == '-' || isDigit(c))
    return number();
  return fail("a value");
}

} // namespace ssmc::weights
