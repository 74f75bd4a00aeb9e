#include "runtime/src/checked.h"
#include <gtest/gtest.h>

using namespace ssmc;

namespace {
constexpr uint64_t largest = UINT64_MAX;

TEST(Checked, OverflowIsTooLargeForEveryLimit) {
  EXPECT_FALSE((Checked(largest) + 1).isAtMost(largest));
  EXPECT_FALSE(
      (Checked(uint64_t(1) << 32) * (uint64_t(1) << 32)).isAtMost(largest));
  EXPECT_TRUE((Checked(largest - 1) + 1).isAtMost(largest));
  EXPECT_EQ((Checked(largest) + 1).saturated(), largest);
}

TEST(Checked, OverflowStays) {
  Checked poisoned = Checked(largest) + 2; // wraps to 1
  EXPECT_FALSE((poisoned * 0).isAtMost(largest));
  EXPECT_FALSE((Checked(0) + poisoned).isAtMost(largest));
  EXPECT_FALSE(poisoned.is(1));
  EXPECT_FALSE(poisoned.alignedUp(64).isAtMost(largest));
  EXPECT_FALSE(poisoned.dividedUp(64).isAtMost(largest));
}

TEST(Checked, RoundsUp) {
  EXPECT_TRUE(Checked(0).alignedUp(64).is(0));
  EXPECT_TRUE(Checked(1).alignedUp(64).is(64));
  EXPECT_TRUE(Checked(64).alignedUp(64).is(64));
  for (uint64_t below = 0; below < 63; ++below)
    EXPECT_FALSE(Checked(largest - below).alignedUp(64).isAtMost(largest));
  EXPECT_TRUE(Checked(largest - 63).alignedUp(64).is(largest - 63));
  EXPECT_TRUE(Checked(largest).dividedUp(1).is(largest));
  EXPECT_TRUE(Checked(65).dividedUp(64).is(2));
}

TEST(Span, CannotBeLeft) {
  char bytes[8] = {};
  Span span(bytes, sizeof bytes), out;
  EXPECT_TRUE(span.slice(0, 8, out));
  EXPECT_TRUE(span.slice(8, 0, out));
  EXPECT_FALSE(span.slice(9, 0, out));
  EXPECT_FALSE(span.slice(1, 8, out));
  EXPECT_FALSE(span.slice(largest, 2, out));
  EXPECT_FALSE(span.slice(2, largest, out));
  uint32_t word;
  EXPECT_TRUE(span.read(4, word));
  EXPECT_FALSE(span.read(5, word));
  EXPECT_FALSE(span.read(largest - 1, word));
  EXPECT_TRUE(Span().isZero());
}
} // namespace
