#include "tools/tokenizer/unicode.h"
#include "tools/tokenizer/error.h"
#include <array>
#ifdef SSMC_HAVE_ICU
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#endif

namespace ssmc {
namespace {

/// Bytes that a byte-level vocabulary shows as themselves.
constexpr bool isShown(unsigned byte) {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) ||
         byte >= 0xae;
}

/// Code point of each byte: itself, or counted from 256 on.
constexpr std::array<uint16_t, 256> makeByteLevelTable() {
  std::array<uint16_t, 256> table{};
  uint16_t next = 256;
  for (unsigned byte = 0; byte < 256; ++byte)
    table[byte] = isShown(byte) ? byte : next++;
  return table;
}
constexpr std::array<uint16_t, 256> byteLevelTable = makeByteLevelTable();
constexpr unsigned byteLevelEnd = 256 + 68;

constexpr std::array<int16_t, byteLevelEnd> makeByteTable() {
  std::array<int16_t, byteLevelEnd> table{};
  for (int16_t &byte : table)
    byte = -1;
  for (unsigned byte = 0; byte < 256; ++byte)
    table[byteLevelTable[byte]] = static_cast<int16_t>(byte);
  return table;
}
constexpr std::array<int16_t, byteLevelEnd> byteTable = makeByteTable();

} // namespace

Utf8Step nextUtf8(std::string_view text) {
  auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned lead = at(0);
  if (lead < 0x80)
    return {Utf8::Complete, 1};
  if (lead < 0xc2 || lead > 0xf4)
    return {Utf8::Invalid, 1};
  size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  // The second byte's range excludes long forms, surrogates and code points
  // above U+10FFFF.
  unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  for (size_t i = 1; i < length; ++i) {
    if (i == text.size())
      return {Utf8::Cut, i};
    if (at(i) < low || at(i) > high)
      return {Utf8::Invalid, i};
    low = 0x80;
    high = 0xbf;
  }
  return {Utf8::Complete, length};
}

size_t findInvalidUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    Utf8Step step = nextUtf8(text.substr(i));
    if (step.kind != Utf8::Complete)
      return i;
    i += step.length;
  }
  return std::string_view::npos;
}

std::string toByteLevel(std::string_view bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (unsigned char byte : bytes) {
    unsigned point = byteLevelTable[byte];
    if (point < 0x80) {
      text += static_cast<char>(point);
    } else {
      text += static_cast<char>(0xc0 | point >> 6);
      text += static_cast<char>(0x80 | (point & 0x3f));
    }
  }
  return text;
}

std::optional<std::string> fromByteLevel(std::string_view text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned point = static_cast<unsigned char>(text[i]);
    if (point >= 0x80) {
      // The alphabet ends below U+0800: two bytes.
      if (point >= 0xe0 || i + 1 == text.size())
        return std::nullopt;
      point =
          (point & 0x1f) << 6 | (static_cast<unsigned char>(text[++i]) & 0x3f);
    }
    if (point >= byteLevelEnd || byteTable[point] < 0)
      return std::nullopt;
    bytes += static_cast<char>(byteTable[point]);
  }
  return bytes;
}

#ifdef SSMC_HAVE_ICU
bool canNormalize() { return true; }

std::string normalize(std::string_view text, NormalForm form) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2 *normalizer =
      form == NormalForm::NFC    ? icu::Normalizer2::getNFCInstance(status)
      : form == NormalForm::NFD  ? icu::Normalizer2::getNFDInstance(status)
      : form == NormalForm::NFKC ? icu::Normalizer2::getNFKCInstance(status)
                                 : icu::Normalizer2::getNFKDInstance(status);
  std::string result;
  icu::StringByteSink<std::string> sink(&result);
  if (U_SUCCESS(status))
    normalizer->normalizeUTF8(
        0, icu::StringPiece(text.data(), static_cast<int32_t>(text.size())),
        sink, nullptr, status);
  if (U_FAILURE(status))
    throw TokenizerError(std::string("ICU cannot normalize: ") +
                         u_errorName(status));
  return result;
}
#else
bool canNormalize() { return false; }

std::string normalize(std::string_view, NormalForm) {
  throw TokenizerError("this build cannot normalize");
}
#endif

} // namespace ssmc
