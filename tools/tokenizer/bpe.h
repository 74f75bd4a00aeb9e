#ifndef SSMC_TOOLS_TOKENIZER_BPE_H
#define SSMC_TOOLS_TOKENIZER_BPE_H
/// Byte-pair encoding: a vocabulary and an ordered list of merges.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ssmc {

/// Tokens by text and by id. Sorted arrays, not hash tables: the keys come from
/// files that may be chosen to collide.
class Vocabulary {
public:
  Vocabulary() = default;
  /// Throws TokenizerError if a text or an id occurs twice.
  explicit Vocabulary(std::vector<std::pair<std::string, int32_t>> tokens);

  std::optional<int32_t> find(std::string_view text) const;
  /// Null if no token has this id.
  const std::string *text(int64_t id) const;

private:
  std::vector<std::pair<std::string, int32_t>> byText;
  std::vector<uint32_t> byId; ///< indices into byText
};

class Bpe {
public:
  struct Options {
    std::string unknownToken; ///< empty: none
    bool fuseUnknown = false;
    bool byteFallback = false;
    bool ignoreMerges = false;
  };

  Bpe() = default;
  /// Throws TokenizerError if the unknown token is not in `vocabulary`.
  Bpe(Vocabulary vocabulary, Options options);

  /// Adds the merge that is next in rank. False if a part or the result is in
  /// no vocabulary.
  bool addMerge(std::string_view left, std::string_view right);
  /// Must follow the last merge.
  void finish();

  const Vocabulary &vocabulary() const { return tokens; }

  /// Appends the ids of `word`, in time O(n log n). Throws TokenizerError if a
  /// character has no token and there is no unknown token.
  void encode(std::string_view word, std::vector<int64_t> &ids) const;

private:
  struct Merge {
    uint64_t pair; ///< left id in the upper half
    uint32_t rank;
    int32_t result;
  };
  const Merge *findMerge(int32_t left, int32_t right) const;
  std::vector<int32_t> split(std::string_view word) const;
  bool splitBytes(std::string_view character, std::vector<int32_t> &ids) const;

  Vocabulary tokens;
  Options options;
  int32_t unknown = -1;
  std::vector<Merge> merges; ///< by pair
};

} // namespace ssmc

#endif
