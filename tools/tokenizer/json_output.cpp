/// Sections that say what is put around the ids and how they become text again.
#include "tools/tokenizer/error.h"
#include "tools/tokenizer/json_sections.h"
#include "tools/tokenizer/unicode.h"

using simdjson::dom::element;

namespace ssmc {
namespace {

using Ids = std::vector<int64_t>;

struct SpecialToken {
  std::string name;
  Ids ids;
};

class PostReader {
public:
  explicit PostReader(TokenizerParts &parts) : parts(parts) {}

  void read(element value, const std::string &path) {
    enum Kind { Sequence, ByteLevel, Template };
    Fields fields(value, path);
    switch (choose<Kind>(fields, "type",
                         {{"Sequence", Sequence},
                          {"ByteLevel", ByteLevel},
                          {"TemplateProcessing", Template}})) {
    case Sequence:
      readStages(fields, "processors", budget,
                 [this](element stage, const std::string &path) {
                   read(stage, path);
                 });
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

private:
  /// "single" is a list of {"SpecialToken": {"id": name, ...}} and, once,
  /// {"Sequence": {"id": "A", ...}}.
  void readTemplate(Fields &fields) {
    fields.ignore("pair"); // for texts in pairs, which we never encode
    std::vector<SpecialToken> special = readSpecialTokens(fields);
    Ids before, after;
    bool seen = false;
    std::string path = fields.pathOf("single");
    size_t index = 0;
    for (element item : asArray(fields.get("single"), path)) {
      Fields part(item, path + "[" + std::to_string(index) + "]");
      if (++index > 64)
        failAt(path, "at most 64 parts", "more");
      const element *sequence = part.find("Sequence");
      const element *token = part.find("SpecialToken");
      part.finish();
      if (!sequence == !token)
        failAt(part.path, "either 'Sequence' or 'SpecialToken'",
               token ? "both" : "neither");
      if (sequence) {
        readText(*sequence, part.pathOf("Sequence"), seen);
        continue;
      }
      const Ids &ids =
          findSpecial(special, *token, part.pathOf("SpecialToken"));
      Ids &side = seen ? after : before;
      side.insert(side.end(), ids.begin(), ids.end());
    }
    if (!seen)
      failAt(path, "the sequence 'A' once", "none");
    // In a list of processors each works on what the one before made.
    parts.prefix.insert(parts.prefix.begin(), before.begin(), before.end());
    parts.suffix.insert(parts.suffix.end(), after.begin(), after.end());
  }

  /// "special_tokens" gives each name its ids.
  static std::vector<SpecialToken> readSpecialTokens(Fields &fields) {
    std::vector<SpecialToken> special;
    std::string path = fields.pathOf("special_tokens");
    for (auto [name, value] : asObject(fields.get("special_tokens"), path)) {
      Fields token(value, path + "." + std::string(name.substr(0, 64)));
      token.ignore("id");
      token.ignore("tokens");
      Ids ids;
      for (element id : asArray(token.get("ids"), token.pathOf("ids")))
        ids.push_back(asId(id, token.pathOf("ids")));
      token.finish();
      if (ids.size() > 16 || special.size() == 1024)
        failAt(path, "at most 1024 names of at most 16 ids", "more");
      special.push_back({std::string(name), std::move(ids)});
    }
    return special;
  }

  /// Where the text goes.
  static void readText(element value, const std::string &path, bool &seen) {
    Fields fields(value, path);
    std::string id = fields.getString("id");
    fields.ignore("type_id");
    fields.finish();
    if (id != "A" || seen)
      failAt(path, "the sequence 'A' once",
             seen ? "it twice" : "'" + id.substr(0, 64) + "'");
    seen = true;
  }

  static const Ids &findSpecial(const std::vector<SpecialToken> &special,
                                element value, const std::string &path) {
    Fields fields(value, path);
    std::string id = fields.getString("id");
    fields.ignore("type_id");
    fields.finish();
    for (const SpecialToken &token : special)
      if (token.name == id)
        return token.ids;
    failAt(fields.pathOf("id"), "a name in 'special_tokens'",
           "'" + id.substr(0, 64) + "'");
  }

  TokenizerParts &parts;
  int budget = stageBudget;
};

class DecoderReader {
public:
  explicit DecoderReader(TokenizerParts &parts) : parts(parts) {}

  void read(element value, const std::string &path) {
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
      failAt(
          fields.pathOf("type"),
          "only 'Fuse' and 'Strip' after 'ByteLevel', 'ByteFallback' or 'Fuse'",
          describe(fields.get("type")));
    auto &stages = parts.decoder.stages;
    switch (kind) {
    case Sequence:
      readStages(fields, "decoders", budget,
                 [this](element stage, const std::string &path) {
                   read(stage, path);
                 });
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
      readReplace(fields);
      break;
    case Meta:
      readMetaspace(fields);
      break;
    }
    fields.finish();
  }

private:
  void readStrip(Fields &fields) {
    if (!joined)
      failAt(fields.path, "'Strip' only after 'Fuse'", "it before");
    if (parts.decoder.stripCount)
      failAt(fields.path, "'Strip' once", "it twice");
    parts.decoder.strip = fields.getCharacter("content");
    parts.decoder.stripCount =
        asId(fields.get("start"), fields.pathOf("start"));
    if (asId(fields.get("stop"), fields.pathOf("stop")) != 0)
      failAt(fields.pathOf("stop"), "0, the only supported value",
             describe(fields.get("stop")));
  }

  /// Decoding cannot fail and must not swell: only a text is replaced, and by
  /// one that is not longer.
  void readReplace(Fields &fields) {
    std::string path = fields.pathOf("pattern");
    Fields pattern(fields.get("pattern"), path);
    std::string from = pattern.getString("String");
    pattern.finish();
    std::string to = fields.getString("content");
    if (from.empty() || to.size() > from.size())
      failAt(fields.pathOf("content"),
             "at most the " + std::to_string(from.size()) +
                 " bytes of the pattern, at least one",
             std::to_string(to.size()));
    parts.decoder.stages.push_back(
        [=](std::string token, bool) { return replaceAll(token, from, to); });
  }

  void readMetaspace(Fields &fields) {
    fields.ignore("split");
    std::string replacement = fields.getCharacter("replacement");
    bool prepended = readPrependScheme(fields) != PrependScheme::Never;
    parts.decoder.stages.push_back([=](std::string token, bool first) {
      return replaceAll(token, replacement, first && prepended ? "" : " ");
    });
  }

  static std::string replaceAll(const std::string &text,
                                const std::string &from,
                                const std::string &to) {
    std::string result;
    size_t end = 0;
    for (size_t at; (at = text.find(from, end)) != text.npos;) {
      result.append(text, end, at - end);
      result += to;
      end = at + from.size();
    }
    return result.append(text, end);
  }

  TokenizerParts &parts;
  int budget = stageBudget;
  bool joinedBytes = false; ///< a stage made bytes of tokens
  bool joined = false;      ///< a stage joined the tokens
};

} // namespace

void readPostProcessor(element value, TokenizerParts &parts) {
  PostReader(parts).read(value, "post_processor");
}

void readDecoder(element value, TokenizerParts &parts) {
  DecoderReader(parts).read(value, "decoder");
}

} // namespace ssmc
