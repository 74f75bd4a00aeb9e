#ifndef SSMC_TOOLS_TOKENIZER_JSON_FIELDS_H
#define SSMC_TOOLS_TOKENIZER_JSON_FIELDS_H
/// Reads JSON values strictly. Everything throws TokenizerError, naming the
/// value by its path: "'model.vocab': expected an object, got 3".
#include <simdjson.h>
#include <string>
#include <string_view>
#include <vector>

namespace ssmc {

[[noreturn]] void failAt(const std::string &path, const std::string &wanted,
                         const std::string &seen);
/// What a message shows of a value.
std::string describe(simdjson::dom::element value);

std::string_view asString(simdjson::dom::element value,
                          const std::string &path);
bool asBool(simdjson::dom::element value, const std::string &path);
/// A token id, 0 to 2^31 - 1.
int32_t asId(simdjson::dom::element value, const std::string &path);
simdjson::dom::array asArray(simdjson::dom::element value,
                             const std::string &path);
simdjson::dom::object asObject(simdjson::dom::element value,
                               const std::string &path);

/// The members of an object, each of which must be asked for.
class Fields {
public:
  /// Refuses anything but an object and names that occur twice.
  Fields(simdjson::dom::element value, std::string path);

  std::string pathOf(std::string_view name) const;
  /// Null if there is no such field, or null is its value.
  const simdjson::dom::element *find(std::string_view name);
  simdjson::dom::element get(std::string_view name);
  std::string getString(std::string_view name);
  /// A string of one character.
  std::string getCharacter(std::string_view name);
  bool getBool(std::string_view name);
  bool getBool(std::string_view name, bool otherwise);
  /// Accepts the field, which has no influence on what we do.
  void ignore(std::string_view name) { find(name); }
  /// Refuses what nobody asked for.
  void finish() const;

  const std::string path;

private:
  struct Field {
    std::string_view name;
    simdjson::dom::element value;
    bool used;
  };
  std::vector<Field> fields;
};

template <typename T> struct Choice {
  std::string_view name;
  T value;
};
/// What the string `name` stands for.
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
  failAt(fields.pathOf(name), "one of " + names,
         "'" + text.substr(0, 64) + "'");
}

} // namespace ssmc

#endif
