/// Reads tokenizer.json. Every field is either understood or refused by name.
#include "tools/tokenizer/error.h"
#include "tools/tokenizer/json_sections.h"
#include <algorithm>

using simdjson::dom::element;

namespace ssmc {

/// Above any tokenizer known; the largest have about 35 MB.
static constexpr size_t maxJsonBytes = size_t(256) << 20;
/// Lists of stages in lists of stages; files have three or four levels.
static constexpr size_t maxJsonDepth = 32;

static void readRoot(element root, TokenizerParts &parts) {
  Fields fields(root, "");
  if (fields.getString("version") != "1.0")
    failAt("version", "'1.0'", describe(fields.get("version")));
  // Both change what a text becomes only when texts are encoded in batches.
  for (const char *name : {"truncation", "padding"})
    if (const element *value = fields.find(name))
      failAt(name, "null, the only supported value", describe(*value));
  if (const element *value = fields.find("normalizer"))
    readNormalizer(*value, parts);
  if (const element *value = fields.find("pre_tokenizer"))
    readPreTokenizer(*value, parts);
  readModel(fields.get("model"), parts);
  if (const element *value = fields.find("added_tokens"))
    readAddedTokens(*value, parts);
  if (const element *value = fields.find("post_processor"))
    readPostProcessor(*value, parts);
  if (const element *value = fields.find("decoder"))
    readDecoder(*value, parts);
  else
    parts.decoder.stages.push_back([](std::string token, bool first) {
      return first ? token : " " + token;
    });
  fields.finish();
}

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
  readRoot(root, parts);
}

} // namespace ssmc
