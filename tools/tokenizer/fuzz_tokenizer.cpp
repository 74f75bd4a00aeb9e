/// Loads any bytes as a tokenizer.json, and encodes any bytes with tokenizers
/// that are good. The first byte of an input chooses; testdata/seeds has inputs
/// to begin with.
#include "tools/tokenizer/tokenizer.h"
#include "tools/tokenizer/unicode.h"
#include <cstdio>
#include <cstdlib>

using ssmc::Tokenizer;

static void require(bool condition, const char *what) {
  if (condition)
    return;
  std::fprintf(stderr, "fuzz_tokenizer: %s\n", what);
  std::abort();
}

static std::unique_ptr<const Tokenizer> load(const char *name) {
  std::string error;
  auto tokenizer = Tokenizer::fromFile(
      std::string(SSMC_SOURCE_DIR "/tools/tokenizer/testdata/") + name, error);
  require(tokenizer != nullptr, error.c_str());
  return tokenizer;
}

/// Encodes `text` and checks what holds for every tokenizer.
static std::string roundTrip(const Tokenizer &tokenizer,
                             std::string_view text) {
  std::vector<int64_t> ids;
  std::string error;
  if (!tokenizer.encode(text, ids, error)) {
    require(ids.empty(), "a failed encode left ids");
    require(!error.empty(), "a failed encode left no reason");
    return "";
  }
  std::string decoded = tokenizer.decode(ids, false);
  require(ssmc::findInvalidUtf8(decoded) == std::string::npos,
          "decode gave something other than UTF-8");
  return decoded;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const auto byteLevel = load("bytelevel.json");
  static const auto charLevel = load("charlevel.json");
  if (size == 0)
    return 0;
  std::string_view rest(reinterpret_cast<const char *>(data + 1), size - 1);
  if (data[0] == 'b') {
    std::string decoded = roundTrip(*byteLevel, rest);
    if (ssmc::findInvalidUtf8(rest) == std::string::npos)
      require(decoded == rest, "a byte-level round trip changed the text");
  } else if (data[0] == 'c') {
    roundTrip(*charLevel, rest);
  } else {
    std::string error;
    if (auto tokenizer = Tokenizer::fromJson(rest, error))
      roundTrip(*tokenizer, "Ab c, 12\u00a0\u00e9\u4e2d<s> \n");
    else
      require(!error.empty(), "a failed load left no reason");
  }
  return 0;
}
