/// Sections that say how text is rewritten and cut.
#include "tools/tokenizer/error.h"
#include "tools/tokenizer/json_sections.h"
#include "tools/tokenizer/unicode.h"

using simdjson::dom::element;

namespace ssmc {

PrependScheme readPrependScheme(Fields &fields) {
  fields.ignore("add_prefix_space"); // what 'prepend_scheme' was before
  return choose<PrependScheme>(fields, "prepend_scheme",
                               {{"always", PrependScheme::Always},
                                {"first", PrependScheme::First},
                                {"never", PrependScheme::Never}});
}

namespace {

/// {"String": text} or {"Regex": pattern}.
Regex readPattern(Fields &owner) {
  Fields fields(owner.get("pattern"), owner.pathOf("pattern"));
  const element *text = fields.find("String");
  const element *pattern = fields.find("Regex");
  fields.finish();
  if (!text == !pattern)
    failAt(fields.path, "either 'String' or 'Regex'",
           text ? "both" : "neither");
  std::string name = fields.pathOf(text ? "String" : "Regex");
  std::string_view value = asString(text ? *text : *pattern, name);
  if (value.empty())
    failAt(name, "a pattern", "an empty string");
  try {
    return text ? Regex::literal(value) : Regex::compile(value);
  } catch (const TokenizerError &error) {
    throw TokenizerError("'" + name + "': " + error.what());
  }
}

/// Text that a normalizer adds, again and again perhaps.
std::string getInsertion(Fields &fields, std::string_view name) {
  std::string text = fields.getString(name);
  if (text.size() > 1024)
    failAt(fields.pathOf(name), "at most 1024 bytes",
           std::to_string(text.size()));
  return text;
}

Normalizer readReplace(Fields &fields) {
  Regex pattern = readPattern(fields);
  return
      [pattern, content = getInsertion(fields, "content")](std::string text) {
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

class TextReader {
public:
  explicit TextReader(TokenizerParts &parts) : parts(parts) {}

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
      readStages(fields, "normalizers", budget,
                 [this](element stage, const std::string &path) {
                   readNormalizer(stage, path);
                 });
    else if (kind == Form)
      readForm(fields);
    else if (kind == Replace)
      parts.normalizers.push_back(readReplace(fields));
    else
      parts.normalizers.push_back(
          [prefix = getInsertion(fields, "prepend")](std::string text) {
            return text.empty() ? text : prefix + text;
          });
    fields.finish();
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
      readStages(fields, "pretokenizers", budget,
                 [this](element stage, const std::string &path) {
                   readPreTokenizer(stage, path);
                 });
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

private:
  void readForm(Fields &fields) {
    NormalForm form = choose<NormalForm>(fields, "type",
                                         {{"NFC", NormalForm::NFC},
                                          {"NFD", NormalForm::NFD},
                                          {"NFKC", NormalForm::NFKC},
                                          {"NFKD", NormalForm::NFKD}});
    if (!canNormalize())
      failAt(fields.path, "no normal form, for this build is without ICU",
             fields.getString("type"));
    parts.normalizers.push_back(
        [form](std::string text) { return normalize(text, form); });
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

  void readMetaspace(Fields &fields) {
    parts.preTokenizers.push_back(makeMetaspace(
        fields.getCharacter("replacement"), readPrependScheme(fields),
        fields.getBool("split", true)));
  }

  TokenizerParts &parts;
  int budget = stageBudget;
};

} // namespace

void readNormalizer(element value, TokenizerParts &parts) {
  TextReader(parts).readNormalizer(value, "normalizer");
}

void readPreTokenizer(element value, TokenizerParts &parts) {
  TextReader(parts).readPreTokenizer(value, "pre_tokenizer");
}

} // namespace ssmc
