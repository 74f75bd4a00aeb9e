#ifndef SSMC_COMPILER_WEIGHTS_JSONCURSOR_H
#define SSMC_COMPILER_WEIGHTS_JSONCURSOR_H
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ssmc::weights {

/// `text` in single quotes for a message: at most 80 bytes, what is not
/// printable ASCII as \xNN, so that a hostile name cannot drive a terminal.
std::string quote(std::string_view text);

/// Reads strict JSON front to back without building a tree: a header of 100 MB
/// costs no memory beyond what the caller keeps. The first mistake sticks in
/// `error()`; every later call returns false. The text must be valid UTF-8.
class JsonCursor {
public:
  explicit JsonCursor(std::string_view text) : text(text) {}

  /// Calls `member(key)` for each member, with the cursor at its value, which
  /// it must read. Keys longer than `maxKey` bytes are a mistake.
  template <typename Fn> bool object(size_t maxKey, Fn member) {
    if (!expect('{', "an object"))
      return false;
    if (accept('}'))
      return true;
    do {
      std::string key;
      if (!string(&key, maxKey) || !expect(':', "':'") || !member(key) ||
          failed())
        return false;
    } while (accept(','));
    return expect('}', "',' or '}'");
  }

  /// Calls `element()` for each element of an array.
  template <typename Fn> bool array(Fn element) {
    if (!expect('[', "an array"))
      return false;
    if (accept(']'))
      return true;
    do {
      if (!element() || failed())
        return false;
    } while (accept(','));
    return expect(']', "',' or ']'");
  }

  /// Reads a string into `*out`; a null `out` checks and drops it.
  bool string(std::string *out, size_t maxBytes = SIZE_MAX);
  /// Reads digits only: no sign, fraction, exponent or leading zero.
  bool unsignedInteger(uint64_t &out);
  /// Checks and drops any value nested at most `maxDepth` levels.
  bool skipValue(unsigned maxDepth);

  /// What is left after the values read so far.
  std::string_view rest() const { return text.substr(position); }
  size_t offset() const { return position; }

  bool failed() const { return !message.empty(); }
  const std::string &error() const { return message; }
  /// Records "expected `wanted` at byte N, got ..." and returns false.
  bool fail(std::string_view wanted);

private:
  void skipWhitespace();
  bool accept(char c);
  bool expect(char c, std::string_view wanted);
  bool escape(std::string *out);
  bool hex4(uint32_t &out);
  bool number();

  std::string_view text;
  size_t position = 0;
  std::string message;
};

} // namespace ssmc::weights
#endif
