#ifndef SSMC_TOOLS_TOKENIZER_JSON_SECTIONS_H
#define SSMC_TOOLS_TOKENIZER_JSON_SECTIONS_H
/// One reader for each section of a tokenizer.json, in the order in which they
/// must run. They throw TokenizerError, naming the field.
#include "tools/tokenizer/json_fields.h"
#include "tools/tokenizer/parts.h"

namespace ssmc {

void readNormalizer(simdjson::dom::element value, TokenizerParts &parts);
void readPreTokenizer(simdjson::dom::element value, TokenizerParts &parts);
void readModel(simdjson::dom::element value, TokenizerParts &parts);
/// Needs the normalizers and the vocabulary.
void readAddedTokens(simdjson::dom::element value, TokenizerParts &parts);
void readPostProcessor(simdjson::dom::element value, TokenizerParts &parts);
void readDecoder(simdjson::dom::element value, TokenizerParts &parts);

/// Reads the stages of a "Sequence", the list `name`. `budget` counts down the
/// stages of all lists of a section.
template <typename ReadOne>
void readStages(Fields &fields, std::string_view name, int &budget,
                ReadOne readOne) {
  std::string path = fields.pathOf(name);
  size_t index = 0;
  for (simdjson::dom::element stage : asArray(fields.get(name), path)) {
    if (--budget < 0)
      failAt(path, "at most 64 stages", "more");
    readOne(stage, path + "[" + std::to_string(index++) + "]");
  }
}
constexpr int stageBudget = 64;

/// "prepend_scheme" of a Metaspace.
PrependScheme readPrependScheme(Fields &fields);

} // namespace ssmc

#endif
