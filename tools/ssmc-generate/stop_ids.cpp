#include "tools/ssmc-generate/stop_ids.h"
#include <algorithm>
#include <simdjson.h>

using namespace simdjson;

/// Configurations nest a few levels, and have a few kilobytes.
static constexpr size_t maxBytes = size_t(16) << 20;
static constexpr size_t maxDepth = 32;

static bool isId(dom::element value, int64_t &id) {
  return !value.get(id) && id >= 0;
}

bool ssmc::generate::readStopIds(std::string_view json, bool &found,
                                 std::vector<int64_t> &ids,
                                 std::string &error) {
  found = false;
  ids.clear();
  dom::parser parser(maxBytes);
  dom::object fields;
  error_code code = parser.allocate(
      std::min(std::max<size_t>(json.size(), 64), maxBytes), maxDepth);
  if (!code)
    code = parser.parse(json.data(), json.size()).get(fields);
  if (code) {
    error = std::string("expected a JSON object: ") + error_message(code);
    return false;
  }
  for (auto [name, value] : fields) {
    if (name != "eos_token_id")
      continue;
    if (found) {
      error = "expected 'eos_token_id' once, got it twice";
      return false;
    }
    found = true;
    int64_t id;
    dom::array list;
    bool good = value.is_null();
    if (isId(value, id)) {
      good = true;
      ids.push_back(id);
    } else if (!value.get(list)) {
      good = true;
      for (dom::element item : list)
        if ((good = good && isId(item, id)))
          ids.push_back(id);
    }
    if (!good) {
      error = "expected an id, a list of ids or null for 'eos_token_id', got " +
              std::string(minify(value)).substr(0, 64);
      return false;
    }
  }
  return true;
}
