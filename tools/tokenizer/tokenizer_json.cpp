/// Reads tokenizer.json. Every field is either understood or rejoined by name.
#include "tools/tokenizer/error.h"
#include "tools/tokenizer/parts.h"
#include "tools/tokenizer/unicode.h"
#include <algorithm>
#include <simdjson.h>

namespace ssmc {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

/// Above any tokenizer known; the largest have about 35 MB.
constexpr size_t maxJsonBytes = size_t(256) << 20;
/// Lists of stages in lists of stages; files have three or four levels.
constexpr size_t maxJsonDepth = 32;
/// Bounds the work of finding added tokens at each byte of a text.
constexpr size_t maxAddedTokenBytes = 1024;

std::string describe(element value) {
  switch (value.type()) {
  case simdjson::dom::element_type::ARRAY:
    return "an array";
  case simdjson::dom::element_type::OBJECT:
    return "an object";
  default: {
    std::string text = simdjson::minify(value);
    return text.size() > 64 ? text.substr(0, 64) + "..." : text;
  }
  }
}

[[noreturn]] void fail(const std::string &path, const std::string &wanted,
                       const std::string &seen) {
  throw TokenizerError("'" + path + "': expected " + wanted + ", got " + seen);
}

std::string_view asString(element value, const std::string &path) {
  std::string_view text;
  if (value.get(text))
    fail(path, "a string", describe(value));
  return text;
}

bool asBool(element value, const std::string &path) {
  bool result = false;
  if (value.get(result))
    fail(path, "true or false", describe(value));
  return result;
}

int32_t asId(element value, const std::string &path) {
  int64_t id = -1;
  if (value.get(id) || id < 0 || id > INT32_MAX)
    fail(path, "an integer from 0 to 2147483647", describe(value));
  return static_cast<int32_t>(id);
}

array asArray(element value, const std::string &path) {
  array result;
  if (value.get(result))
    fail(path, "an array", describe(value));
  return result;
}

/// The members of an object, each of which must be asked for.
class Fields {
public:
  Fields(element value, std::string path) : path(std::move(path)) {
    object members;
    if (value.get(members))
      fail(this->path, "an object", describe(value));
    for (auto [name, member] : members) {
      for (const Field &field : fields)
        if (field.name == name)
          fail(pathOf(name), "the field once", "it twice");
      // No object with fixed names has as many; this bounds the search above.
      if (fields.size() == 32)
        fail(this->path, "at most 32 fields", "more");
      fields.push_back({name, member, false});
    }
  }

  std::string pathOf(std::string_view name) const {
    return (path.empty() ? "" : path + ".") + std::string(name.substr(0, 64));
  }

  /// Null if there is no such field, or null is its value.
  const element *find(std::string_view name) {
    for (Field &field : fields)
      if (field.name == name) {
        field.used = true;
        return field.value.is_null() ? nullptr : &field.value;
      }
    return nullptr;
  }
  element get(std::string_view name) {
    if (const element *value = find(name))
      return *value;
    fail(pathOf(name), "a value", "none");
  }
  std::string getString(std::string_view name) {
    return std::string(asString(get(name), pathOf(name)));
  }
  bool getBool(std::string_view name) {
    return asBool(get(name), pathOf(name));
  }
  bool getBool(std::string_view name, bool otherwise) {
    const element *value = find(name);
    return value ? asBool(*value, pathOf(name)) : otherwise;
  }
  /// Accepts the field, which has no influence on what we do.
  void ignore(std::string_view name) { find(name); }
  /// Refuses what nobody asked for.
  void finish() const {
    for (const Field &field : fields)
      if (!field.used)
        fail(pathOf(field.name), "no such field", describe(field.value));
  }

  const std::string path;

private:
  struct Field {
    std::string_view name;
    element value;
    bool used;
  };
  std::vector<Field> fields;
};

template <typename T> struct Choice {
  std::string_view name;
  T value;
};
template <typename T, size_t count>
T choose(Fields &fields, std::string_view name,
         const Choice<T> (&choices)[count]) {
  std::string text = fields.getString(name);
  std::string names;
  for (const Choice<T> &choice : choices) {
    if (choice.name == text)
      return choice.value;
    names += (names.empty() ? "'" : ", '") + std::string(choice.name) + "'";
  }
  fail(fields.pathOf(name), "one of " + names, "'" + text.substr(0, 64) + "'");
}

/// A field with one character.
std::string getCharacter(Fields &fields, std::string_view name) {
  std::string text = fields.getString(name);
  if (text.empty() || nextUtf8(text).length != text.size())
    fail(fields.pathOf(name), "one character", "'" + text.substr(0, 64) + "'");
  return text;
}

/// {"String": text} or {"Regex": pattern}.
Regex readPattern(Fields &owner) {
  Fields fields(owner.get("pattern"), owner.pathOf("pattern"));
  const element *text = fields.find("String");
  const element *pattern = fields.find("Regex");
  fields.finish();
  if (!text == !pattern)
    fail(fields.path, "either 'String' or 'Regex'", text ? "both" : "neither");
  std::string name = fields.pathOf(text ? "String" : "Regex");
  std::string_view value = asString(text ? *text : *pattern, name);
  if (value.empty())
    fail(name, "a pattern", "an empty string");
  try {
    return text ? Regex::literal(value) : Regex::compile(value);
  } catch (const TokenizerError &error) {
    throw TokenizerError("'" + name + "': " + error.what());
  }
}

class Reader {
public:
  explicit Reader(TokenizerParts &parts) : parts(parts) {}

  void read(element root) {
    Fields fields(root, "");
    if (fields.getString("version") != "1.0")
      fail("version", "'1.0'", describe(fields.get("version")));
    // Both change what a text becomes only when texts are encoded in batches.
    refuse(fields, "truncation");
    refuse(fields, "padding");
    if (const element *value = fields.find("normalizer"))
      readNormalizer(*value, "normalizer");
    if (const element *value = fields.find("pre_tokenizer"))
      readPreTokenizer(*value, "pre_tokenizer");
    readModel(fields.get("model"));
    if (const element *value = fields.find("added_tokens"))
      readAddedTokens(asArray(*value, "added_tokens"));
    if (const element *value = fields.find("post_processor"))
      readPostProcessor(*value, "post_processor");
    if (const element *value = fields.find("decoder")) {
      readDecoder(*value, "decoder");
    } else {
      parts.decoder.stages.push_back([](std::string token, bool first) {
        return first ? token : " " + token;
      });
    }
    fields.finish();
  }

private:
  /// Refuses any value but null.
  static void refuse(Fields &fields, std::string_view name) {
    if (const element *value = fields.find(name))
      fail(fields.pathOf(name), "null, the only supported value",
           describe(*value));
  }

  void readNormalizer(element value, const std::string &path) {
    enum Kind { Sequence, Form, Replace, Prepend };
    Fields fields(value, path);
    Kind kind = choose<Kind>(fields, "type",
                             {{"Sequence", Sequence},
                              {"NFC", Form},
                              {"NFD", Form},
                              {"NFKC", Form},
                              {"NFKD", Form},
                              {"Replace", Replace},
                              {"Prepend", Prepend}});
    if (kind == Sequence)
      readList(fields, "normalizers", &Reader::readNormalizer);
    else if (kind == Form)
      readForm(fields);
    else if (kind == Replace)
      parts.normalizers.push_back(makeReplace(fields));
    else
      parts.normalizers.push_back(
          [prefix = fields.getString("prepend")](std::string text) {
            return text.empty() ? text : prefix + text;
          });
    fields.finish();
  }

  void readForm(Fields &fields) {
    NormalForm form = choose<NormalForm>(fields, "type",
                                         {{"NFC", NormalForm::NFC},
                                          {"NFD", NormalForm::NFD},
                                          {"NFKC", NormalForm::NFKC},
                                          {"NFKD", NormalForm::NFKD}});
    if (!canNormalize())
      fail(fields.path, "no normal form, for this build is without ICU",
           fields.getString("type"));
    parts.normalizers.push_back(
        [form](std::string text) { return normalize(text, form); });
  }

  static Normalizer makeReplace(Fields &fields) {
    Regex pattern = readPattern(fields);
    return [pattern, content = fields.getString("content")](std::string text) {
      std::string result;
      size_t end = 0;
      for (Range match : pattern.findAll(text)) {
        result.append(text, end, match.begin - end);
        result += content;
        end = match.end;
      }
      return result.append(text, end);
    };
  }

  /// Reads the stages of a Sequence.
  void readList(Fields &fields, std::string_view name,
                void (Reader::*readOne)(element, const std::string &)) {
    std::string path = fields.pathOf(name);
    size_t index = 0;
    for (element stage : asArray(fields.get(name), path)) {
      if (++stageCount > 64)
        fail(path, "at most 64 stages", "more");
      (this->*readOne)(stage, path + "[" + std::to_string(index++) + "]");
    }
  }

  void readPreTokenizer(element value, const std::string &path) {
    enum Kind { Sequence, ByteLevel, Split, Digits, Punctuation, Metaspace };
    Fields fields(value, path);
    switch (choose<Kind>(fields, "type",
                         {{"Sequence", Sequence},
                          {"ByteLevel", ByteLevel},
                          {"Split", Split},
                          {"Digits", Digits},
                          {"Punctuation", Punctuation},
                          {"Metaspace", Metaspace}})) {
    case Sequence:
      readList(fields, "pretokenizers", &Reader::readPreTokenizer);
      break;
    case ByteLevel:
      fields.ignore("trim_offsets"); // about positions in the text, not ids
      parts.preTokenizers.push_back(
          makeByteLevel(fields.getBool("add_prefix_space"),
                        fields.getBool("use_regex", true)));
      break;
    case Split:
      parts.preTokenizers.push_back(makeSplit(readPattern(fields),
                                              readBehavior(fields),
                                              fields.getBool("invert", false)));
      break;
    case Digits:
      parts.preTokenizers.push_back(
          makeSplit(Regex::compile("\\p{N}"),
                    fields.getBool("individual_digits", false)
                        ? SplitBehavior::Isolated
                        : SplitBehavior::Contiguous,
                    false));
      break;
    case Punctuation:
      parts.preTokenizers.push_back(
          makeSplit(Regex::compile(R"([\p{P}!-\/:-@\[-`{-~])"),
                    fields.find("behavior") ? readBehavior(fields)
                                            : SplitBehavior::Isolated,
                    false));
      break;
    case Metaspace:
      readMetaspace(fields);
      break;
    }
    fields.finish();
  }

  static SplitBehavior readBehavior(Fields &fields) {
    return choose<SplitBehavior>(
        fields, "behavior",
        {{"Removed", SplitBehavior::Removed},
         {"Isolated", SplitBehavior::Isolated},
         {"MergedWithPrevious", SplitBehavior::MergedWithPrevious},
         {"MergedWithNext", SplitBehavior::MergedWithNext},
         {"Contiguous", SplitBehavior::Contiguous}});
  }

  static PrependScheme readScheme(Fields &fields) {
    fields.ignore("add_prefix_space"); // what 'prepend_scheme' was before
    return choose<PrependScheme>(fields, "prepend_scheme",
                                 {{"always", PrependScheme::Always},
                                  {"first", PrependScheme::First},
                                  {"never", PrependScheme::Never}});
  }

  void readMetaspace(Fields &fields) {
    parts.preTokenizers.push_back(
        makeMetaspace(getCharacter(fields, "replacement"), readScheme(fields),
                      fields.getBool("split", true)));
  }

  void readModel(element value) {
    Fields fields(value, "model");
    // Files older than the field hold BPE if they have merges.
    if (fields.find("type") && fields.getString("type") != "BPE")
      fail("model.type", "'BPE', the only supported model",
           describe(fields.get("type")));
    if (const element *dropout = fields.find("dropout")) {
      double share = 1;
      if (dropout->get(share) || share != 0)
        fail("model.dropout", "null or 0, the only supported values",
             describe(*dropout));
    }
    for (const char *name : {"continuing_subword_prefix", "end_of_word_suffix"})
      if (fields.find(name) && !fields.getString(name).empty())
        fail(fields.pathOf(name), "null or '', the only supported values",
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
    readMerges(asArray(fields.get("merges"), "model.merges"));
    fields.finish();
  }

  static std::vector<std::pair<std::string, int32_t>>
  readVocabulary(element value) {
    object members;
    if (value.get(members))
      fail("model.vocab", "an object", describe(value));
    std::vector<std::pair<std::string, int32_t>> tokens;
    for (auto [name, id] : members) {
      int64_t number = -1;
      // Only a bad id costs making its path.
      if (id.get(number) || number < 0 || number > INT32_MAX)
        number = asId(id, "model.vocab." + std::string(name.substr(0, 64)));
      tokens.emplace_back(name, static_cast<int32_t>(number));
    }
    return tokens;
  }

  /// Pairs are written "left right" or ["left", "right"].
  void readMerges(array merges) {
    size_t index = 0;
    for (element merge : merges) {
      std::string_view text, left, right;
      array pair;
      bool good = false;
      if (!merge.get(text)) {
        size_t gap = text.find(' ');
        good = gap != text.npos && text.find(' ', gap + 1) == text.npos;
        if (good) {
          left = text.substr(0, gap);
          right = text.substr(gap + 1);
        }
      } else if (!merge.get(pair)) {
        good =
            pair.size() == 2 && !pair.at(0).get(left) && !pair.at(1).get(right);
      }
      std::string path =
          good ? "" : "model.merges[" + std::to_string(index) + "]";
      if (!good)
        fail(path, "two tokens, 'a b' or ['a', 'b']", describe(merge));
      if (!parts.model.addMerge(left, right))
        fail("model.merges[" + std::to_string(index) + "]",
             "two tokens of 'vocab' whose union is in 'vocab'",
             "'" + std::string(left.substr(0, 64)) + "' and '" +
                 std::string(right.substr(0, 64)) + "'");
      ++index;
    }
    parts.model.finish();
  }

  void readAddedTokens(array list) {
    size_t index = 0;
    for (element value : list)
      parts.addedTokens.push_back(readAddedToken(
          value, "added_tokens[" + std::to_string(index++) + "]"));
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

  AddedToken readAddedToken(element value, const std::string &path) {
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
      fail(fields.pathOf("content"),
           "1 to " + std::to_string(maxAddedTokenBytes) + " bytes",
           std::to_string(token.content.size()));
    const Vocabulary &vocabulary = parts.model.vocabulary();
    std::optional<int32_t> known = vocabulary.find(token.content);
    const std::string *other = vocabulary.text(token.id);
    if (known ? *known != token.id : other != nullptr)
      fail(fields.pathOf("id"),
           known ? "the id in 'model.vocab', " + std::to_string(*known)
                 : "an id that 'model.vocab' does not use",
           std::to_string(token.id));
    return token;
  }

  void readPostProcessor(element value, const std::string &path) {
    enum Kind { Sequence, ByteLevel, Template };
    Fields fields(value, path);
    switch (choose<Kind>(fields, "type",
                         {{"Sequence", Sequence},
                          {"ByteLevel", ByteLevel},
                          {"TemplateProcessing", Template}})) {
    case Sequence:
      readList(fields, "processors", &Reader::readPostProcessor);
      break;
    case ByteLevel: // about positions in the text, not ids
      for (const char *name : {"add_prefix_space", "trim_offsets", "use_regex"})
        fields.ignore(name);
      break;
    case Template:
      readTemplate(fields);
      break;
    }
    fields.finish();
  }

  /// "single" is a list of {"SpecialToken": {"id": name, ...}} and, once,
  /// {"Sequence": {"id": "A", ...}}; "special_tokens" gives each name its ids.
  void readTemplate(Fields &fields) {
    fields.ignore("pair"); // for texts in pairs, which we never encode
    std::vector<std::pair<std::string, std::vector<int64_t>>> special;
    object members;
    std::string path = fields.pathOf("special_tokens");
    element value = fields.get("special_tokens");
    if (value.get(members))
      fail(path, "an object", describe(value));
    for (auto [name, member] : members) {
      Fields token(member, path + "." + std::string(name.substr(0, 64)));
      token.ignore("id");
      token.ignore("tokens");
      std::vector<int64_t> ids;
      for (element id : asArray(token.get("ids"), token.pathOf("ids")))
        ids.push_back(asId(id, token.pathOf("ids")));
      token.finish();
      if (ids.size() > 16 || special.size() == 1024)
        fail(path, "at most 1024 names of at most 16 ids", "more");
      special.emplace_back(name, std::move(ids));
    }

    std::vector<int64_t> before, after;
    bool seen = false;
    path = fields.pathOf("single");
    size_t index = 0;
    for (element piece : asArray(fields.get("single"), path)) {
      Fields part(piece, path + "[" + std::to_string(index) + "]");
      if (++index > 64)
        fail(path, "at most 64 parts", "more");
      const element *sequence = part.find("Sequence");
      const element *token = part.find("SpecialToken");
      part.finish();
      if (!sequence == !token)
        fail(part.path, "either 'Sequence' or 'SpecialToken'",
             token ? "both" : "neither");
      Fields inner(sequence ? *sequence : *token,
                   part.pathOf(sequence ? "Sequence" : "SpecialToken"));
      std::string id = inner.getString("id");
      inner.ignore("type_id");
      inner.finish();
      if (sequence) {
        if (id != "A" || seen)
          fail(inner.path, "the sequence 'A' once",
               seen ? "it twice" : "'" + id.substr(0, 64) + "'");
        seen = true;
        continue;
      }
      auto ids =
          std::find_if(special.begin(), special.end(),
                       [&](const auto &entry) { return entry.first == id; });
      if (ids == special.end())
        fail(inner.pathOf("id"), "a name in 'special_tokens'",
             "'" + id.substr(0, 64) + "'");
      std::vector<int64_t> &side = seen ? after : before;
      side.insert(side.end(), ids->second.begin(), ids->second.end());
    }
    if (!seen)
      fail(path, "the sequence 'A' once", "none");
    // In a list of processors each works on what the one before made.
    parts.prefix.insert(parts.prefix.begin(), before.begin(), before.end());
    parts.suffix.insert(parts.suffix.end(), after.begin(), after.end());
  }

  void readDecoder(element value, const std::string &path) {
    enum Kind { Sequence, ByteLevel, ByteFallback, Fuse, Strip, Replace, Meta };
    Fields fields(value, path);
    Kind kind = choose<Kind>(fields, "type",
                             {{"Sequence", Sequence},
                              {"ByteLevel", ByteLevel},
                              {"ByteFallback", ByteFallback},
                              {"Fuse", Fuse},
                              {"Strip", Strip},
                              {"Replace", Replace},
                              {"Metaspace", Meta}});
    // Text flows out token by token: what follows the joining of all tokens, or
    // of the bytes of a character, can only be a strip.
    if ((joined || joinedBytes) && kind != Strip && kind != Fuse)
      fail(
          fields.pathOf("type"),
          "only 'Fuse' and 'Strip' after 'ByteLevel', 'ByteFallback' or 'Fuse'",
          describe(fields.get("type")));
    auto &stages = parts.decoder.stages;
    switch (kind) {
    case Sequence:
      readList(fields, "decoders", &Reader::readDecoder);
      break;
    case ByteLevel:
      for (const char *name : {"add_prefix_space", "trim_offsets", "use_regex"})
        fields.ignore(name);
      stages.push_back([](std::string token, bool) {
        return fromByteLevel(token).value_or(token);
      });
      joined = true;
      break;
    case ByteFallback:
      stages.push_back([](std::string token, bool) {
        return decodeByteFallback(std::move(token));
      });
      joinedBytes = true;
      break;
    case Fuse:
      joined = true;
      break;
    case Strip:
      readStrip(fields);
      break;
    case Replace:
      stages.push_back(
          [replace = makeReplace(fields)](std::string token, bool) {
            return replace(std::move(token));
          });
      break;
    case Meta:
      readMetaspaceDecoder(fields);
      break;
    }
    fields.finish();
  }

  void readStrip(Fields &fields) {
    if (!joined)
      fail(fields.path, "'Strip' only after 'Fuse'", "it before");
    if (parts.decoder.stripCount)
      fail(fields.path, "'Strip' once", "it twice");
    parts.decoder.strip = getCharacter(fields, "content");
    parts.decoder.stripCount =
        asId(fields.get("start"), fields.pathOf("start"));
    if (asId(fields.get("stop"), fields.pathOf("stop")) != 0)
      fail(fields.pathOf("stop"), "0, the only supported value",
           describe(fields.get("stop")));
  }

  void readMetaspaceDecoder(Fields &fields) {
    fields.ignore("split");
    std::string replacement = getCharacter(fields, "replacement");
    bool prepended = readScheme(fields) != PrependScheme::Never;
    Regex pattern = Regex::literal(replacement);
    parts.decoder.stages.push_back([=](std::string token, bool first) {
      std::string result;
      size_t end = 0;
      for (Range match : pattern.findAll(token)) {
        result.append(token, end, match.begin - end);
        if (!first || !prepended)
          result += ' ';
        end = match.end;
      }
      return result.append(token, end);
    });
  }

  TokenizerParts &parts;
  size_t stageCount = 0;
  bool joinedBytes = false; ///< a decoder stage made bytes of tokens
  bool joined = false;      ///< a decoder stage joined the tokens
};

} // namespace

void readTokenizer(std::string_view json, TokenizerParts &parts) {
  if (json.size() > maxJsonBytes)
    throw TokenizerError("expected at most " + std::to_string(maxJsonBytes) +
                         " bytes of JSON, got " + std::to_string(json.size()));
  simdjson::dom::parser parser(maxJsonBytes);
  simdjson::error_code error =
      parser.allocate(std::max<size_t>(json.size(), 64), maxJsonDepth);
  element root;
  if (!error)
    error = parser.parse(json.data(), json.size()).get(root);
  if (error)
    throw TokenizerError(std::string("expected JSON: ") +
                         simdjson::error_message(error));
  Reader(parts).read(root);
}

} // namespace ssmc
