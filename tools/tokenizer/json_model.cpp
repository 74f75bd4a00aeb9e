/// Sections that say what the tokens are.
#include "tools/tokenizer/error.h"
#include "tools/tokenizer/json_sections.h"
#include <algorithm>

using simdjson::dom::array;
using simdjson::dom::element;

namespace ssmc {
namespace {

/// Bounds the work of finding added tokens at each byte of a text.
constexpr size_t maxAddedTokenBytes = 1024;

std::vector<std::pair<std::string, int32_t>> readVocabulary(element value) {
  std::vector<std::pair<std::string, int32_t>> tokens;
  for (auto [name, id] : asObject(value, "model.vocab")) {
    int64_t number = -1;
    // Only a bad id costs making its path.
    if (id.get(number) || number < 0 || number > INT32_MAX)
      number = asId(id, "model.vocab." + std::string(name.substr(0, 64)));
    tokens.emplace_back(name, static_cast<int32_t>(number));
  }
  return tokens;
}

/// A merge is written "left right" or ["left", "right"]. False if it is
/// neither.
bool readMerge(element value, std::string_view &left, std::string_view &right) {
  array pair;
  if (!value.get(pair))
    return pair.size() == 2 && !pair.at(0).get(left) && !pair.at(1).get(right);
  std::string_view text;
  if (value.get(text))
    return false;
  size_t gap = text.find(' ');
  if (gap == text.npos || text.find(' ', gap + 1) != text.npos)
    return false;
  left = text.substr(0, gap);
  right = text.substr(gap + 1);
  return true;
}

void readMerges(element value, Bpe &model) {
  size_t index = 0;
  auto path = [&] { return "model.merges[" + std::to_string(index) + "]"; };
  for (element merge : asArray(value, "model.merges")) {
    std::string_view left, right;
    if (!readMerge(merge, left, right))
      failAt(path(), "two tokens, 'a b' or ['a', 'b']", describe(merge));
    if (!model.addMerge(left, right))
      failAt(path(), "two tokens of 'vocab' whose union is in 'vocab'",
             "'" + std::string(left.substr(0, 64)) + "' and '" +
                 std::string(right.substr(0, 64)) + "'");
    ++index;
  }
  model.finish();
}

AddedToken readAddedToken(element value, const std::string &path,
                          const Vocabulary &vocabulary) {
  Fields fields(value, path);
  AddedToken token;
  token.content = fields.getString("content");
  token.id = asId(fields.get("id"), fields.pathOf("id"));
  token.singleWord = fields.getBool("single_word");
  token.leftStrip = fields.getBool("lstrip");
  token.rightStrip = fields.getBool("rstrip");
  token.normalized = fields.getBool("normalized");
  token.special = fields.getBool("special");
  fields.finish();
  if (token.content.empty() || token.content.size() > maxAddedTokenBytes)
    failAt(fields.pathOf("content"),
           "1 to " + std::to_string(maxAddedTokenBytes) + " bytes",
           std::to_string(token.content.size()));
  std::optional<int32_t> known = vocabulary.find(token.content);
  const std::string *other = vocabulary.text(token.id);
  if (known ? *known != token.id : other != nullptr)
    failAt(fields.pathOf("id"),
           known ? "the id in 'model.vocab', " + std::to_string(*known)
                 : "an id that 'model.vocab' does not use",
           std::to_string(token.id));
  return token;
}

} // namespace

void readModel(element value, TokenizerParts &parts) {
  Fields fields(value, "model");
  // Files older than the field hold BPE if they have merges.
  if (fields.find("type") && fields.getString("type") != "BPE")
    failAt("model.type", "'BPE', the only supported model",
           describe(fields.get("type")));
  if (const element *dropout = fields.find("dropout")) {
    double share = 1;
    if (dropout->get(share) || share != 0)
      failAt("model.dropout", "null or 0, the only supported values",
             describe(*dropout));
  }
  for (const char *name : {"continuing_subword_prefix", "end_of_word_suffix"})
    if (fields.find(name) && !fields.getString(name).empty())
      failAt(fields.pathOf(name), "null or '', the only supported values",
             describe(fields.get(name)));
  Bpe::Options options;
  if (fields.find("unk_token"))
    options.unknownToken = fields.getString("unk_token");
  options.fuseUnknown = fields.getBool("fuse_unk", false);
  options.byteFallback = fields.getBool("byte_fallback", false);
  options.ignoreMerges = fields.getBool("ignore_merges", false);
  auto tokens = readVocabulary(fields.get("vocab"));
  try {
    parts.model = Bpe(Vocabulary(std::move(tokens)), options);
  } catch (const TokenizerError &error) {
    throw TokenizerError(std::string("'model': ") + error.what());
  }
  readMerges(fields.get("merges"), parts.model);
  fields.finish();
}

void readAddedTokens(element value, TokenizerParts &parts) {
  size_t index = 0;
  for (element item : asArray(value, "added_tokens"))
    parts.addedTokens.push_back(
        readAddedToken(item, "added_tokens[" + std::to_string(index++) + "]",
                       parts.model.vocabulary()));
  // Sorting them as a vocabulary refuses duplicates.
  std::vector<std::pair<std::string, int32_t>> entries;
  for (const AddedToken &token : parts.addedTokens)
    entries.emplace_back(token.content, token.id);
  try {
    Vocabulary check(std::move(entries));
  } catch (const TokenizerError &error) {
    throw TokenizerError(std::string("'added_tokens': ") + error.what());
  }

  std::vector<AddedToken> raw, normalized;
  for (AddedToken token : parts.addedTokens) {
    if (token.normalized)
      token.content = parts.normalize(token.content);
    if (!token.content.empty())
      (token.normalized ? normalized : raw).push_back(std::move(token));
  }
  parts.rawTokens = TokenFinder(std::move(raw));
  parts.normalizedTokens = TokenFinder(std::move(normalized));
  std::sort(
      parts.addedTokens.begin(), parts.addedTokens.end(),
      [](const AddedToken &a, const AddedToken &b) { return a.id < b.id; });
}

} // namespace ssmc
