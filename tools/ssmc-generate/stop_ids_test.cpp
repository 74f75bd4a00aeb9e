#include "tools/ssmc-generate/stop_ids.h"
#include <gtest/gtest.h>

using ssmc::generate::readStopIds;

namespace {

using Ids = std::vector<int64_t>;

void expectIds(const char *json, bool expectedFound, const Ids &expected) {
  bool found = !expectedFound;
  Ids ids{99};
  std::string error;
  ASSERT_TRUE(readStopIds(json, found, ids, error)) << error;
  EXPECT_EQ(found, expectedFound) << json;
  EXPECT_EQ(ids, expected) << json;
}

std::string failure(const std::string &json) {
  bool found;
  Ids ids;
  std::string error;
  EXPECT_FALSE(readStopIds(json, found, ids, error)) << json;
  return error;
}

TEST(StopIds, AreOneSeveralOrNone) {
  expectIds("{\"eos_token_id\": 5}", true, {5});
  expectIds("{\"eos_token_id\": [5, 0]}", true, {5, 0});
  expectIds("{\"eos_token_id\": null}", true, {});
  expectIds("{\"eos_token_id\": []}", true, {});
  expectIds("{\"nested\": {\"eos_token_id\": 1}}", false, {});
}

TEST(StopIds, RefusesAnythingElse) {
  std::string wanted =
      "expected an id, a list of ids or null for 'eos_token_id', got ";
  EXPECT_EQ(failure("{\"eos_token_id\": -1}"), wanted + "-1");
  EXPECT_EQ(failure("{\"eos_token_id\": \"x\"}"), wanted + "\"x\"");
  EXPECT_EQ(failure("{\"eos_token_id\": [1, 2.5]}"), wanted + "[1,2.5]");
  EXPECT_EQ(failure("{\"eos_token_id\": 1, \"eos_token_id\": 2}"),
            "expected 'eos_token_id' once, got it twice");
  EXPECT_EQ(failure("[1]").substr(0, 24), "expected a JSON object: ");
  EXPECT_EQ(failure("").substr(0, 24), "expected a JSON object: ");
}

} // namespace
