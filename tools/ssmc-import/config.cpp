#include "tools/ssmc-import/config.h"
#include "compiler/Weights/JsonCursor.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace llvm;
using simdjson::dom::element_type;
using ssmc::weights::quote;

namespace ssmc::importer {

/// Wraps the float literals that Python writes and JSON lacks, so that both of
/// their spellings parse to the same thing. Strings stay as they are.
static std::string wrapSpecialFloats(std::string_view text) {
  std::string out;
  bool inString = false;
  for (size_t i = 0; i < text.size();) {
    if (!inString) {
      StringRef rest(text.data() + i, text.size() - i);
      StringRef found;
      for (StringRef word : {"NaN", "Infinity", "-Infinity"})
        if (rest.starts_with(word))
          found = word;
      if (!found.empty()) {
        (out += "{\"__float__\":\"") += found;
        out += "\"}";
        i += found.size();
        continue;
      }
    } else if (text[i] == '\\' && i + 1 < text.size()) {
      out += text[i++];
    } else if (text[i] == '"') {
      inString = false;
      out += text[i++];
      continue;
    }
    inString |= text[i] == '"';
    out += text[i++];
  }
  return out;
}

/// A number, possibly one of those JSON lacks.
static std::optional<double> asNumber(simdjson::dom::element element) {
  double number;
  if (element.get_double().get(number) == simdjson::SUCCESS)
    return number;
  simdjson::dom::object object;
  std::string_view name;
  if (element.get_object().get(object) != simdjson::SUCCESS ||
      object.size() != 1 ||
      object["__float__"].get_string().get(name) != simdjson::SUCCESS)
    return std::nullopt;
  if (name == "Infinity")
    return std::numeric_limits<double>::infinity();
  if (name == "-Infinity")
    return -std::numeric_limits<double>::infinity();
  if (name == "NaN")
    return std::numeric_limits<double>::quiet_NaN();
  return std::nullopt;
}

/// The value as a message shows it.
static std::string describe(simdjson::dom::element element) {
  switch (element.type()) {
  case element_type::NULL_VALUE:
    return "null";
  case element_type::BOOL:
    return element.get_bool().value_unsafe() ? "true" : "false";
  case element_type::STRING:
    return "the string " + quote(element.get_string().value_unsafe());
  case element_type::ARRAY:
  case element_type::OBJECT: {
    std::string text = simdjson::minify(element);
    if (std::optional<double> number = asNumber(element))
      return std::isnan(*number) ? "NaN"
             : *number > 0       ? "Infinity"
                                 : "-Infinity";
    return quote(text);
  }
  default:
    return simdjson::minify(element);
  }
}

std::optional<Config> Config::parse(std::string_view text, std::string path,
                                    Reporter &reporter) {
  if (text.size() > maxBytes) {
    reporter.error(path + ": expected at most " + Twine(maxBytes) +
                   " bytes, got " + Twine(uint64_t(text.size())));
    return std::nullopt;
  }
  auto parser = std::make_shared<simdjson::dom::parser>();
  simdjson::padded_string padded(wrapSpecialFloats(text));
  Element root;
  simdjson::error_code code = parser->allocate(padded.size() + 64, 64);
  if (code == simdjson::SUCCESS)
    code = parser->parse(padded).get(root);
  if (code != simdjson::SUCCESS) {
    reporter.error(path + ": expected JSON, got: " +
                   StringRef(simdjson::error_message(code)));
    return std::nullopt;
  }
  Config config(std::move(parser), std::move(path), reporter);
  simdjson::dom::object object;
  if (root.get_object().get(object) != simdjson::SUCCESS) {
    reporter.error(config.where + ": expected an object, got " +
                   describe(root));
    return std::nullopt;
  }
  config.object = object;
  if (!config.checkUnique())
    return std::nullopt;
  return config;
}

/// Two values for one key: which one holds depends on the reader.
bool Config::checkUnique() {
  std::vector<std::string_view> keys;
  for (auto [key, value] : *object)
    keys.push_back(key);
  llvm::sort(keys);
  auto twice = std::adjacent_find(keys.begin(), keys.end());
  if (twice == keys.end())
    return true;
  report->error(where + ": expected each key once, got " + quote(*twice) +
                " twice");
  return false;
}

bool Config::has(StringRef key) const { return find(key).has_value(); }

std::optional<Config::Element> Config::find(StringRef key) const {
  Element element;
  if (!object ||
      object->at_key(std::string_view(key)).get(element) != simdjson::SUCCESS)
    return std::nullopt;
  return element;
}

void Config::mismatch(StringRef key, const Twine &wanted) {
  std::optional<Element> element = find(key);
  report->error(where + ": expected '" + prefix + key + "' to be " + wanted +
                ", got " + (element ? describe(*element) : "no such key"));
}

std::optional<Config::Element> Config::findOr(StringRef key, bool hasFallback,
                                              const Twine &wanted) {
  std::optional<Element> element = find(key);
  if (!element && !hasFallback)
    mismatch(key, wanted);
  return element;
}

int64_t Config::integer(StringRef key, std::optional<int64_t> fallback,
                        int64_t least) {
  constexpr int64_t limit = std::numeric_limits<int32_t>::max();
  std::string wanted =
      ("an integer in [" + Twine(least) + ", " + Twine(limit) + "]").str();
  std::optional<Element> element = findOr(key, fallback.has_value(), wanted);
  if (!element)
    return fallback.value_or(least);
  int64_t value;
  if (element->get_int64().get(value) == simdjson::SUCCESS && value >= least &&
      value <= limit)
    return value;
  mismatch(key, wanted);
  return least;
}

bool Config::flag(StringRef key, std::optional<bool> fallback) {
  std::optional<Element> element =
      findOr(key, fallback.has_value(), "true or false");
  bool value = fallback.value_or(false);
  if (element && element->get_bool().get(value) != simdjson::SUCCESS)
    mismatch(key, "true or false");
  return value;
}

double Config::positive(StringRef key, std::optional<double> fallback) {
  static const char wanted[] = "a finite number above 0";
  std::optional<Element> element = findOr(key, fallback.has_value(), wanted);
  if (!element)
    return fallback.value_or(1.0);
  std::optional<double> number = asNumber(*element);
  if (number && std::isfinite(*number) && *number > 0)
    return *number;
  mismatch(key, wanted);
  return 1.0;
}

std::string Config::choice(StringRef key, ArrayRef<StringRef> allowed,
                           std::optional<StringRef> fallback) {
  std::string wanted = "'" + join(allowed, "' or '") + "'";
  std::optional<Element> element = findOr(key, fallback.has_value(), wanted);
  if (!element)
    return fallback.value_or(allowed.front()).str();
  std::string_view value;
  if (element->get_string().get(value) == simdjson::SUCCESS &&
      is_contained(allowed, StringRef(value)))
    return std::string(value);
  mismatch(key, wanted);
  return allowed.front().str();
}

std::string Config::text(StringRef key) {
  std::optional<Element> element = findOr(key, false, "a string");
  std::string_view value;
  if (element && element->get_string().get(value) != simdjson::SUCCESS)
    mismatch(key, "a string");
  return std::string(value);
}

std::pair<double, double> Config::limits(StringRef key,
                                         std::pair<double, double> fallback) {
  std::optional<Element> element = find(key);
  if (!element)
    return fallback;
  std::optional<double> low = 0.0, high = asNumber(*element);
  simdjson::dom::array array;
  if (element->get_array().get(array) == simdjson::SUCCESS &&
      array.size() == 2) {
    low = asNumber(array.at(0).value_unsafe());
    high = asNumber(array.at(1).value_unsafe());
  }
  // Written so that NaN fails.
  if (low && high && *low >= 0 && *high >= *low)
    return {*low, *high};
  mismatch(key, "two numbers [low, high] with 0 <= low <= high");
  return fallback;
}

bool Config::isText(StringRef key, StringRef text) const {
  std::optional<Element> element = find(key);
  std::string_view value;
  return element && element->get_string().get(value) == simdjson::SUCCESS &&
         StringRef(value) == text;
}

Config Config::section(StringRef key) {
  Config inner(parser, where, *report);
  inner.prefix = prefix + key.str() + ".";
  simdjson::dom::object object;
  std::optional<Element> element = find(key);
  if (!element)
    return inner;
  if (element->get_object().get(object) != simdjson::SUCCESS) {
    mismatch(key, "an object");
    return inner;
  }
  inner.object = object;
  inner.checkUnique();
  return inner;
}

} // namespace ssmc::importer
