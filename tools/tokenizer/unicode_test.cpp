#include "tools/tokenizer/unicode.h"
#include <gtest/gtest.h>

using namespace ssmc;

namespace {

void expectStep(std::string_view text, Utf8 kind, size_t length) {
  Utf8Step step = nextUtf8(text);
  EXPECT_EQ(step.kind, kind) << text;
  EXPECT_EQ(step.length, length) << text;
}

TEST(Unicode, FollowsTheTableOfWellFormedSequences) {
  expectStep("a", Utf8::Complete, 1);
  expectStep("\xc2\x80", Utf8::Complete, 2);
  expectStep("\xe0\xa0\x80", Utf8::Complete, 3);
  expectStep("\xed\x9f\xbf", Utf8::Complete, 3);
  expectStep("\xf0\x90\x80\x80", Utf8::Complete, 4);
  expectStep("\xf4\x8f\xbf\xbf", Utf8::Complete, 4);
  expectStep("\x80", Utf8::Invalid, 1);
  expectStep("\xc1\xbf", Utf8::Invalid, 1);         // long form of U+007F
  expectStep("\xe0\x9f\xbf", Utf8::Invalid, 1);     // long form of U+07FF
  expectStep("\xed\xa0\x80", Utf8::Invalid, 1);     // a surrogate
  expectStep("\xf4\x90\x80\x80", Utf8::Invalid, 1); // above U+10FFFF
  expectStep("\xf5\x80", Utf8::Invalid, 1);
  expectStep("\xe2\x82(", Utf8::Invalid, 2);
  expectStep("\xf0\x9f\x98(", Utf8::Invalid, 3);
  expectStep("\xe2", Utf8::Cut, 1);
  expectStep("\xf0\x9f\x98", Utf8::Cut, 3);
}

TEST(Unicode, FindsTheFirstInvalidByte) {
  EXPECT_EQ(findInvalidUtf8("aé€😀"), std::string_view::npos);
  EXPECT_EQ(findInvalidUtf8(""), std::string_view::npos);
  EXPECT_EQ(findInvalidUtf8("é\xff"), 2u);
  EXPECT_EQ(findInvalidUtf8("é\xe2\x82"), 2u);
}

TEST(Unicode, ByteLevelAlphabetCoversAllBytes) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte)
    bytes += static_cast<char>(byte);
  std::string text = toByteLevel(bytes);
  EXPECT_EQ(findInvalidUtf8(text), std::string_view::npos);
  EXPECT_EQ(fromByteLevel(text), bytes);
  EXPECT_EQ(toByteLevel(" \n!a~"), "ĠĊ!a~");
  EXPECT_EQ(fromByteLevel("a b"), std::nullopt);
  EXPECT_EQ(fromByteLevel("ń"), std::nullopt) << "one past the last";
  EXPECT_EQ(fromByteLevel("€"), std::nullopt);
}

TEST(Unicode, Normalizes) {
  if (!canNormalize())
    GTEST_SKIP() << "built without ICU";
  EXPECT_EQ(normalize("e\u0301ﬁ", NormalForm::NFC), "éﬁ");
  EXPECT_EQ(normalize("éﬁ", NormalForm::NFD), "e\u0301ﬁ");
  EXPECT_EQ(normalize("e\u0301ﬁ", NormalForm::NFKC), "éfi");
  EXPECT_EQ(normalize("éﬁ", NormalForm::NFKD), "e\u0301fi");
}

} // namespace
