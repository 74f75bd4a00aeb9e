#include "tools/tokenizer/tokenizer.h"
#include "tools/tokenizer/unicode.h"
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <nlohmann/json.hpp>

using nlohmann::json;
using ssmc::Tokenizer;

namespace {

std::string root() { return SSMC_SOURCE_DIR "/"; }

std::string readAll(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A tokenizer over 'a', 'b', 'c', 'ab' and whatever `change` makes of it.
json small() {
  return {{"version", "1.0"},
          {"truncation", nullptr},
          {"padding", nullptr},
          {"added_tokens", json::array()},
          {"normalizer", nullptr},
          {"pre_tokenizer", nullptr},
          {"post_processor", nullptr},
          {"decoder", {{"type", "Fuse"}}},
          {"model",
           {{"type", "BPE"},
            {"vocab", {{"a", 0}, {"b", 1}, {"c", 2}, {"ab", 3}}},
            {"merges", json::array({json::array({"a", "b"})})}}}};
}

json addedToken(const char *content, int id) {
  return {{"id", id},        {"content", content}, {"single_word", false},
          {"lstrip", false}, {"rstrip", false},    {"normalized", false},
          {"special", false}};
}

std::unique_ptr<const Tokenizer> load(const json &spec) {
  std::string error;
  auto tokenizer = Tokenizer::fromJson(spec.dump(), error);
  EXPECT_TRUE(tokenizer) << error;
  return tokenizer;
}

void expectTextError(const std::string &text, const std::string &message) {
  std::string error;
  EXPECT_EQ(Tokenizer::fromJson(text, error), nullptr) << message;
  EXPECT_EQ(error, message);
}
void expectError(const json &spec, const std::string &message) {
  expectTextError(spec.dump(), message);
}

std::vector<int64_t> encode(const Tokenizer &tokenizer, const std::string &text,
                            bool special = true) {
  std::vector<int64_t> ids;
  std::string error;
  EXPECT_TRUE(tokenizer.encode(text, ids, error, special)) << error;
  return ids;
}

using Ids = std::vector<int64_t>;

/// Every text of vectors.json under every tokenizer and option, against what
/// `tokenizers` made of it.
class Vectors : public ::testing::TestWithParam<size_t> {};

TEST_P(Vectors, AgreeWithTokenizers) {
  const json all = json::parse(readAll(root() + "tools/tokenizer/testdata/"
                                                "vectors.json"));
  const json &group = all["groups"].at(GetParam());
  std::string path = root() + group["file"].get<std::string>();
  std::string text = readAll(path);
  if (text.empty())
    GTEST_SKIP() << path << " is not here";
  for (const json &option : group["cases"]) {
    SCOPED_TRACE(path + ", " + option["name"].get<std::string>());
    bool normalForm = option["patch"].dump().find("\"NF") != std::string::npos;
    if (normalForm && !ssmc::canNormalize())
      continue;
    json spec = json::parse(text);
    for (auto &[key, value] : option["patch"].items())
      if (key == "model")
        spec["model"].update(value);
      else
        spec[key] = value;
    auto tokenizer = load(spec);
    ASSERT_TRUE(tokenizer);
    for (size_t i = 0; i < all["texts"].size(); ++i) {
      std::string input = all["texts"][i].get<std::string>();
      SCOPED_TRACE("text " + std::to_string(i) + ": " + input);
      Ids ids = encode(*tokenizer, input);
      EXPECT_EQ(ids, option["ids"][i].get<Ids>());
      if (!option.contains("decoded"))
        continue;
      const json &decoded = option["decoded"][i];
      std::string expected =
          decoded.is_null() ? input : decoded.get<std::string>();
      EXPECT_EQ(tokenizer->decode(ids), expected);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Files, Vectors, ::testing::Range<size_t>(0, 4));

TEST(Tokenizer, ReadsMergesWrittenAsStrings) {
  json spec =
      json::parse(readAll(root() + "tools/tokenizer/testdata/bytelevel.json"));
  auto pairs = load(spec);
  for (json &merge : spec["model"]["merges"])
    merge = merge[0].get<std::string>() + " " + merge[1].get<std::string>();
  auto strings = load(spec);
  std::string text = "the theory, Съешь ещё";
  EXPECT_EQ(encode(*strings, text), encode(*pairs, text));
  EXPECT_LT(encode(*strings, text).size(), text.size() / 2);
}

TEST(Tokenizer, CanLeaveOutSpecialTokens) {
  json spec = small();
  spec["added_tokens"] = json::array({addedToken("<s>", 7)});
  spec["added_tokens"][0]["special"] = true;
  spec["post_processor"] = {
      {"type", "TemplateProcessing"},
      {"single",
       json::array({{{"SpecialToken", {{"id", "<s>"}, {"type_id", 0}}}},
                    {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}})},
      {"special_tokens", {{"<s>", {{"id", "<s>"}, {"ids", {7}}}}}}};
  auto tokenizer = load(spec);
  EXPECT_EQ(encode(*tokenizer, "abc"), (Ids{7, 3, 2}));
  EXPECT_EQ(encode(*tokenizer, "abc", false), (Ids{3, 2}));
  EXPECT_EQ(tokenizer->decode({7, 3, 2}), "abc");
  EXPECT_EQ(tokenizer->decode({7, 3, 2}, false), "<s>abc");
  EXPECT_EQ(tokenizer->find("<s>"), 7);
  EXPECT_EQ(tokenizer->find("ab"), 3);
  EXPECT_EQ(tokenizer->find("<t>"), -1);
}

TEST(Tokenizer, RefusesTextsItCannotExpress) {
  auto tokenizer = load(small());
  Ids ids{5};
  std::string error;
  EXPECT_FALSE(tokenizer->encode("ab\xc3(", ids, error));
  EXPECT_EQ(error, "expected UTF-8, got an invalid byte at offset 2");
  EXPECT_FALSE(tokenizer->encode("ab\xe2\x82", ids, error));
  EXPECT_EQ(error, "expected UTF-8, got an invalid byte at offset 2");
  EXPECT_FALSE(tokenizer->encode("abd", ids, error));
  EXPECT_EQ(error, "expected text of the vocabulary's characters or an "
                   "'unk_token', got 'd'");
  EXPECT_EQ(ids, Ids{5}) << "changed on an error";
}

TEST(Tokenizer, DecodesIdsWithoutTokenVisibly) {
  auto tokenizer = load(small());
  EXPECT_EQ(tokenizer->decode({0, 99, -1, 1}), "a\uFFFD\uFFFDb");
}

TEST(Tokenizer, MergesLongWordsInLittleTime) {
  json spec = small();
  json &model = spec["model"];
  model["vocab"] = json::object();
  model["merges"] = json::array();
  std::string token = "a";
  model["vocab"][token] = 0;
  for (int i = 1; i < 12; ++i, token += token) {
    model["vocab"][token + token] = i;
    model["merges"].push_back(json::array({token, token}));
  }
  auto tokenizer = load(spec);
  // One word of 2^20 characters: seconds in time n log n, days in n^2.
  std::string word(size_t(1) << 20, 'a');
  EXPECT_EQ(encode(*tokenizer, word), Ids(512, 11));
}

TEST(Tokenizer, BoundsTheWorkOfRegularExpressions) {
  json spec = small();
  spec["pre_tokenizer"] = {{"type", "Split"},
                           {"pattern", {{"Regex", "(a|a|aa)+[cd]"}}},
                           {"behavior", "Isolated"},
                           {"invert", false}};
  auto tokenizer = load(spec);
  Ids ids;
  std::string error;
  EXPECT_FALSE(tokenizer->encode(std::string(64, 'a'), ids, error));
  EXPECT_EQ(error, "a regular expression needs too much work on this text: "
                   "match limit exceeded");
}

TEST(Tokenizer, BoundsTheGrowthOfNormalizers) {
  json spec = small();
  json twice = {{"type", "Replace"},
                {"pattern", {{"String", "a"}}},
                {"content", std::string(60, 'a')}};
  spec["normalizer"] = {{"type", "Sequence"},
                        {"normalizers", json::array({twice, twice, twice})}};
  auto tokenizer = load(spec);
  Ids ids;
  std::string error;
  EXPECT_FALSE(tokenizer->encode("aaaa", ids, error));
  EXPECT_EQ(error, "expected normalizers that make a text at most 64 times "
                   "longer, got 14400 bytes from 4");
}

TEST(Tokenizer, RefusesOtherJson) {
  expectTextError("", "expected JSON: Empty: no JSON found");
  expectTextError("{\"version\": \"1.0\"",
                  "expected JSON: The JSON document has an improper structure: "
                  "missing or superfluous commas, braces, missing keys, etc.");
  expectTextError(
      std::string(40, '[') + std::string(40, ']'),
      "expected JSON: The JSON document was too deep (too many nested "
      "objects and arrays)");
  expectTextError("[]", "'': expected an object, got an array");
  expectTextError("{\"version\":\"1.0\",\"version\":\"1.0\"}",
                  "'version': expected the field once, got it twice");
  expectTextError("{}", "'version': expected a value, got none");
  expectTextError("{\"version\":\"1.0\"}",
                  "'model': expected a value, got none");
}

TEST(Tokenizer, NamesTheFieldThatIsNotSupported) {
  auto check = [](const char *pointer, json value, const std::string &message) {
    json spec = small();
    spec[json::json_pointer(pointer)] = std::move(value);
    expectError(spec, message);
  };
  check("/version", "2.0", "'version': expected '1.0', got \"2.0\"");
  check("/surprise", 1, "'surprise': expected no such field, got 1");
  check("/truncation", {{"max_length", 5}},
        "'truncation': expected null, the only supported value, got an object");
  check("/padding", {{"pad_id", 0}},
        "'padding': expected null, the only supported value, got an object");
  check("/normalizer", {{"type", "Lowercase"}},
        "'normalizer.type': expected one of 'Sequence', 'NFC', 'NFD', 'NFKC', "
        "'NFKD', 'Replace', 'Prepend', got 'Lowercase'");
  check("/normalizer",
        {{"type", "Sequence"},
         {"normalizers", json::array({{{"type", "Prepend"}}})}},
        "'normalizer.normalizers[0].prepend': expected a value, got none");
  check("/pre_tokenizer", {{"type", "BertPreTokenizer"}},
        "'pre_tokenizer.type': expected one of 'Sequence', 'ByteLevel', "
        "'Split', 'Digits', 'Punctuation', 'Metaspace', got "
        "'BertPreTokenizer'");
  check("/pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", 1}},
        "'pre_tokenizer.add_prefix_space': expected true or false, got 1");
  check("/pre_tokenizer",
        {{"type", "Split"}, {"pattern", {{"Regex", "a"}, {"String", "a"}}}},
        "'pre_tokenizer.pattern': expected either 'String' or 'Regex', got "
        "both");
  check("/pre_tokenizer", {{"type", "Split"}, {"pattern", {{"String", ""}}}},
        "'pre_tokenizer.pattern.String': expected a pattern, got an empty "
        "string");
  check("/post_processor", {{"type", "BertProcessing"}},
        "'post_processor.type': expected one of 'Sequence', 'ByteLevel', "
        "'TemplateProcessing', got 'BertProcessing'");
  check("/decoder", {{"type", "WordPiece"}},
        "'decoder.type': expected one of 'Sequence', 'ByteLevel', "
        "'ByteFallback', 'Fuse', 'Strip', 'Replace', 'Metaspace', got "
        "'WordPiece'");
  check("/decoder",
        {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}},
        "'decoder': expected 'Strip' only after 'Fuse', got it before");
  check(
      "/decoder",
      {{"type", "Replace"}, {"pattern", {{"String", "_"}}}, {"content", "ab"}},
      "'decoder.content': expected at most the 1 bytes of the pattern, at "
      "least one, got 2");
  check("/decoder", {{"type", "Replace"}, {"pattern", {{"Regex", "a*"}}}},
        "'decoder.pattern.String': expected a value, got none");
  check("/line\nbreak\x7f", 1, "'line?break?': expected no such field, got 1");
  check("/model/type", "WordPiece",
        "'model.type': expected 'BPE', the only supported model, got "
        "\"WordPiece\"");
  check("/model/dropout", 0.1,
        "'model.dropout': expected null or 0, the only supported values, got "
        "0.1");
  check("/model/end_of_word_suffix", "</w>",
        "'model.end_of_word_suffix': expected null or '', the only supported "
        "values, got \"</w>\"");
  check("/model/unk_token", "<unk>",
        "'model': expected 'unk_token' to be in 'vocab', got '<unk>'");
  check("/model/vocab/a", -1,
        "'model.vocab.a': expected an integer from 0 to 2147483647, got -1");
  check("/model/vocab/a", 1,
        "'model': expected every token id once, got 1 twice");
  check("/model/merges", json::array({json::array({"a", "c"})}),
        "'model.merges[0]': expected two tokens of 'vocab' whose union is in "
        "'vocab', got 'a' and 'c'");
  check("/model/merges", json::array({"a b c"}),
        "'model.merges[0]': expected two tokens, 'a b' or ['a', 'b'], got "
        "\"a b c\"");
  check("/model/merges",
        json::array({json::array({"a", "b"}), json::array({"a"})}),
        "'model.merges[1]': expected two tokens, 'a b' or ['a', 'b'], got an "
        "array");
  check("/added_tokens", json::array({addedToken("x", 1)}),
        "'added_tokens[0].id': expected an id that 'model.vocab' does not use, "
        "got 1");
  check("/added_tokens", json::array({addedToken("a", 4)}),
        "'added_tokens[0].id': expected the id in 'model.vocab', 0, got 4");
  check("/added_tokens", json::array({addedToken("", 4)}),
        "'added_tokens[0].content': expected 1 to 1024 bytes, got 0");
  check("/added_tokens", json::array({addedToken("x", 4), addedToken("x", 5)}),
        "'added_tokens': expected every token once, got 'x' twice");
}

TEST(Tokenizer, RefusesDuplicateTokens) {
  std::string text = small().dump();
  size_t at = text.find("\"c\":2");
  ASSERT_NE(at, text.npos);
  text.replace(at, 3, "\"b\"");
  expectTextError(text, "'model': expected every token once, got 'b' twice");
}

TEST(Tokenizer, SaysWhyAFileCannotBeRead) {
  std::string error;
  EXPECT_EQ(Tokenizer::fromFile("/", error), nullptr);
  EXPECT_EQ(error, "'/': cannot read: Is a directory");
  EXPECT_EQ(Tokenizer::fromFile("/absent", error), nullptr);
  EXPECT_EQ(error, "'/absent': cannot read: No such file or directory");
  EXPECT_EQ(Tokenizer::fromFile("/dev/null", error), nullptr);
  EXPECT_EQ(error, "'/dev/null': expected JSON: Empty: no JSON found");
}

TEST(Tokenizer, ChecksTemplates) {
  auto check = [](json single, const std::string &message) {
    json spec = small();
    spec["post_processor"] = {
        {"type", "TemplateProcessing"},
        {"single", std::move(single)},
        {"special_tokens", {{"<s>", {{"id", "<s>"}, {"ids", {0}}}}}}};
    expectError(spec, message);
  };
  json text = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
  check(json::array(), "'post_processor.single': expected the sequence 'A' "
                       "once, got none");
  check(json::array({text, text}),
        "'post_processor.single[1].Sequence': expected the "
        "sequence 'A' once, got it twice");
  check(json::array({{{"Sequence", {{"id", "B"}}}}}),
        "'post_processor.single[0].Sequence': expected the sequence 'A' once, "
        "got 'B'");
  check(json::array({text, {{"SpecialToken", {{"id", "</s>"}}}}}),
        "'post_processor.single[1].SpecialToken.id': expected a name in "
        "'special_tokens', got '</s>'");
}

TEST(StreamDecoder, EmitsCharactersWhenComplete) {
  std::string error;
  auto tokenizer =
      Tokenizer::fromFile(root() + "examples/tiny-mamba/tokenizer.json", error);
  ASSERT_TRUE(tokenizer) << error;
  // Every token of this vocabulary is one byte.
  Ids ids = encode(*tokenizer, "aé€😀");
  ASSERT_EQ(ids.size(), 10u);
  ssmc::StreamDecoder decoder(*tokenizer);
  std::vector<std::string> parts;
  for (int64_t id : ids)
    parts.push_back(decoder.append(id));
  EXPECT_EQ(parts, (std::vector<std::string>{"a", "", "é", "", "", "€", "", "",
                                             "", "😀"}));
  EXPECT_EQ(decoder.finish(), "");

  EXPECT_EQ(decoder.append(ids[3]), "") << "the first of three bytes";
  EXPECT_EQ(decoder.append(ids[0]), "\uFFFDa");
  EXPECT_EQ(decoder.append(ids[4]), "\uFFFD") << "a byte that begins nothing";
  EXPECT_EQ(decoder.append(ids[6]), "");
  EXPECT_EQ(decoder.append(ids[7]), "");
  EXPECT_EQ(decoder.finish(), "\uFFFD");
  EXPECT_EQ(decoder.append(ids[0]), "a") << "after the end";
}

TEST(StreamDecoder, TakesTheFirstSpaceOnce) {
  json spec = small();
  spec["model"]["vocab"] = {{"▁", 0}, {"▁a", 1}, {"<0xC3>", 2}, {"<0xA9>", 3}};
  spec["model"]["merges"] = json::array();
  spec["decoder"] = {
      {"type", "Sequence"},
      {"decoders",
       {{{"type", "Replace"}, {"pattern", {{"String", "▁"}}}, {"content", " "}},
        {{"type", "ByteFallback"}},
        {{"type", "Fuse"}},
        {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}}}}};
  auto tokenizer = load(spec);
  ssmc::StreamDecoder decoder(*tokenizer);
  EXPECT_EQ(decoder.append(1), "a");
  EXPECT_EQ(decoder.append(1), " a");
  EXPECT_EQ(decoder.append(2), "");
  EXPECT_EQ(decoder.append(3), "é");
  ssmc::StreamDecoder rest(*tokenizer, true, true);
  EXPECT_EQ(rest.append(1), " a");
  EXPECT_EQ(tokenizer->decode({0, 0, 1}), "  a");
  EXPECT_EQ(tokenizer->decode({2, 1, 3}), "\uFFFD a\uFFFD");
}

} // namespace
