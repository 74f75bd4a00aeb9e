#include "tools/tokenizer/json_fields.h"
#include "tools/tokenizer/error.h"
#include "tools/tokenizer/unicode.h"

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

namespace ssmc {

void failAt(const std::string &path, const std::string &wanted,
            const std::string &seen) {
  throw TokenizerError("'" + path + "': expected " + wanted + ", got " + seen);
}

std::string describe(element value) {
  if (value.type() == element_type::ARRAY)
    return "an array";
  if (value.type() == element_type::OBJECT)
    return "an object";
  std::string text = simdjson::minify(value);
  return text.size() > 64 ? text.substr(0, 64) + "..." : text;
}

template <typename T>
static T as(element value, const std::string &path, const char *wanted) {
  T result;
  if (value.get(result))
    failAt(path, wanted, describe(value));
  return result;
}

std::string_view asString(element value, const std::string &path) {
  return as<std::string_view>(value, path, "a string");
}
bool asBool(element value, const std::string &path) {
  return as<bool>(value, path, "true or false");
}
array asArray(element value, const std::string &path) {
  return as<array>(value, path, "an array");
}
object asObject(element value, const std::string &path) {
  return as<object>(value, path, "an object");
}

int32_t asId(element value, const std::string &path) {
  int64_t id;
  if (value.get(id) || id < 0 || id > INT32_MAX)
    failAt(path, "an integer from 0 to 2147483647", describe(value));
  return static_cast<int32_t>(id);
}

Fields::Fields(element value, std::string where) : path(std::move(where)) {
  for (auto [name, member] : asObject(value, path)) {
    for (const Field &field : fields)
      if (field.name == name)
        failAt(pathOf(name), "the field once", "it twice");
    // No object with fixed names has as many; this bounds the search above.
    if (fields.size() == 32)
      failAt(path, "at most 32 fields", "more");
    fields.push_back({name, member, false});
  }
}

std::string Fields::pathOf(std::string_view name) const {
  return (path.empty() ? "" : path + ".") + std::string(name.substr(0, 64));
}

const element *Fields::find(std::string_view name) {
  for (Field &field : fields)
    if (field.name == name) {
      field.used = true;
      return field.value.is_null() ? nullptr : &field.value;
    }
  return nullptr;
}

element Fields::get(std::string_view name) {
  if (const element *value = find(name))
    return *value;
  failAt(pathOf(name), "a value", "none");
}

std::string Fields::getString(std::string_view name) {
  return std::string(asString(get(name), pathOf(name)));
}

std::string Fields::getCharacter(std::string_view name) {
  std::string text = getString(name);
  if (text.empty() || nextUtf8(text).length != text.size())
    failAt(pathOf(name), "one character", "'" + text.substr(0, 64) + "'");
  return text;
}

bool Fields::getBool(std::string_view name) {
  return asBool(get(name), pathOf(name));
}

bool Fields::getBool(std::string_view name, bool otherwise) {
  const element *value = find(name);
  return value ? asBool(*value, pathOf(name)) : otherwise;
}

void Fields::finish() const {
  for (const Field &field : fields)
    if (!field.used)
      failAt(pathOf(field.name), "no such field", describe(field.value));
}

} // namespace ssmc
