#include "tools/ssmc-import/config.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace ssmc::importer;

namespace {

/// Runs `read` on the configuration `text` and returns what was reported.
template <typename Fn> std::string reported(const std::string &text, Fn read) {
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  Reporter reporter(stream);
  if (std::optional<Config> config = Config::parse(text, "c.json", reporter))
    read(*config);
  EXPECT_EQ(reporter.failed(), !messages.empty());
  return messages;
}

std::string parsed(const std::string &text) {
  return reported(text, [](Config &) {});
}

void expectContains(const std::string &text, const std::string &part) {
  EXPECT_NE(text.find(part), std::string::npos) << "got: " << text;
}

TEST(Config, RefusesWhatIsNoObject) {
  for (const char *text : {"", "{", "{\"a\":}", "{'a':1}", "{} {}", "\xff"})
    expectContains(parsed(text), "error: c.json: expected JSON, got: ");
  expectContains(parsed("[1]"), "c.json: expected an object, got '[1]'");
  expectContains(parsed("null"), "c.json: expected an object, got null");
  expectContains(parsed("{\"a\":1,\"b\":2,\"a\":3}"),
                 "expected each key once, got 'a' twice");
  expectContains(parsed(std::string(Config::maxBytes + 1, ' ')),
                 "expected at most 1048576 bytes, got 1048577");
  expectContains(parsed(std::string(100000, '[')), "expected JSON");
  EXPECT_EQ(parsed("{}"), "");
}

TEST(Config, ReadsIntegersInRange) {
  auto read = [](const std::string &value) {
    return reported("{\"n\":" + value + "}", [](Config &c) { c.integer("n"); });
  };
  EXPECT_EQ(read("1"), "");
  EXPECT_EQ(read("2147483647"), "");
  for (std::string bad :
       {"0", "-1", "2147483648", "4294967297", "18446744073709551615", "2.0",
        "1e3", "null", "true", "[1]", "{\"x\":1}"}) {
    std::string message = read(bad);
    expectContains(message, "expected 'n' to be an integer in [1, 2147483647]"
                            ", got ");
  }
  expectContains(read("null"), "got null\n");
  expectContains(read("\"16\""), "got the string '16'\n");
  expectContains(read("-3"), "got -3\n");
  expectContains(read("Infinity"), "got Infinity\n");
  expectContains(reported("{}", [](Config &c) { c.integer("n"); }),
                 "expected 'n' to be an integer in [1, 2147483647], got no "
                 "such key");
  EXPECT_EQ(
      reported("{\"n\":7}", [](Config &c) { EXPECT_EQ(c.integer("n", 3), 7); }),
      "");
  EXPECT_EQ(reported("{}", [](Config &c) { EXPECT_EQ(c.integer("n", 3), 3); }),
            "");
  expectContains(reported("{\"n\":1}", [](Config &c) { c.integer("n", 4, 2); }),
                 "an integer in [2, 2147483647], got 1");
  // A fallback does not excuse a value of the wrong type.
  expectContains(reported("{\"n\":null}", [](Config &c) { c.integer("n", 3); }),
                 "got null");
}

TEST(Config, ReadsFlags) {
  auto read = [](const std::string &value) {
    return reported("{\"f\":" + value + "}",
                    [](Config &c) { c.flag("f", false); });
  };
  EXPECT_EQ(read("true"), "");
  for (std::string bad : {"1", "0", "null", "\"true\"", "[]"})
    expectContains(read(bad), "expected 'f' to be true or false, got ");
  EXPECT_EQ(reported("{\"f\":false}",
                     [](Config &c) { EXPECT_FALSE(c.flag("f", true)); }),
            "");
}

TEST(Config, ReadsPositiveNumbers) {
  auto read = [](const std::string &value) {
    return reported("{\"e\":" + value + "}",
                    [](Config &c) { c.positive("e"); });
  };
  EXPECT_EQ(read("1e-05"), "");
  EXPECT_EQ(read("1"), "");
  for (std::string bad :
       {"0", "-1e-5", "null", "\"1e-5\"", "Infinity", "NaN", "[1]",
        "{\"__float__\":\"Infinity\"}", "{\"__float__\":\"NaN\"}"})
    expectContains(read(bad),
                   "expected 'e' to be a finite number above 0, got");
  expectContains(read("{\"__float__\":\"Infinity\"}"), "got Infinity");
  EXPECT_EQ(reported("{\"e\":0.5}",
                     [](Config &c) { EXPECT_EQ(c.positive("e"), 0.5); }),
            "");
}

TEST(Config, ReadsLimitsWithInfinity) {
  auto read = [](const std::string &value) {
    std::pair<double, double> result;
    EXPECT_EQ(reported("{\"l\":" + value + "}",
                       [&](Config &c) { result = c.limits("l", {-1, -1}); }),
              "")
        << value;
    return result;
  };
  auto unlimited = std::make_pair(0.0, double(INFINITY));
  EXPECT_EQ(read("[0.0, {\"__float__\": \"Infinity\"}]"), unlimited);
  EXPECT_EQ(read("{\"__float__\": \"Infinity\"}"), unlimited);
  EXPECT_EQ(read("[0.0, Infinity]"), unlimited);
  EXPECT_EQ(read("[0, Infinity]"), unlimited);
  EXPECT_EQ(read("[0.001, 0.1]"), std::make_pair(0.001, 0.1));
  EXPECT_EQ(read("0.5"), std::make_pair(0.0, 0.5));
  for (std::string bad :
       {"null", "[]", "[0]", "[0,1,2]", "[1,0]", "[-1,1]", "[null,1]",
        "[0,\"Infinity\"]", "\"Infinity\"", "[0,NaN]", "[NaN,1]",
        "[0,-Infinity]", "-Infinity", "{\"__float__\":\"x\"}",
        "{\"__float__\":\"Infinity\",\"b\":1}", "true"})
    expectContains(
        reported("{\"l\":" + bad + "}",
                 [](Config &c) { c.limits("l", {0, 1}); }),
        "expected 'l' to be two numbers [low, high] with 0 <= low <= high");
}

TEST(Config, LeavesStringsAlone) {
  EXPECT_EQ(reported(R"({"a\"Infinity":"NaN \\","s":"-Infinity \" NaN"})",
                     [](Config &c) {
                       EXPECT_EQ(c.text("s"), "-Infinity \" NaN");
                       EXPECT_TRUE(c.has("a\"Infinity"));
                     }),
            "");
}

TEST(Config, ReadsChoicesAndText) {
  auto read = [](Config &c) { c.choice("act", {"silu", "swish"}, "silu"); };
  EXPECT_EQ(reported(R"({"act":"swish"})", read), "");
  EXPECT_EQ(reported("{}", read), "");
  expectContains(reported(R"({"act":"gelu"})", read),
                 "expected 'act' to be 'silu' or 'swish', got the string "
                 "'gelu'");
  expectContains(reported(R"({"act":null})", read), "got null");
  expectContains(reported("{\"t\":1}", [](Config &c) { c.text("t"); }),
                 "expected 't' to be a string, got 1");
  // What a hostile value holds does not reach the terminal.
  expectContains(reported(R"({"act":"\u001b[2J"})", read), "'\\x1b[2J'");
}

TEST(Config, NamesKeysOfSectionsInFull) {
  auto read = [](Config &c) { c.section("s").integer("n", 2); };
  EXPECT_EQ(reported("{}", read), "");
  EXPECT_EQ(reported(R"({"s":{}})", read), "");
  expectContains(reported(R"({"s":{"n":0}})", read), "expected 's.n' to be");
  expectContains(reported(R"({"s":[]})", read),
                 "expected 's' to be an object, got '[]'");
  expectContains(reported(R"({"s":{"n":1,"n":2}})", read), "got 'n' twice");
}

} // namespace
