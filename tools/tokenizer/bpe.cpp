#include "tools/tokenizer/bpe.h"
#include "tools/tokenizer/error.h"
#include "tools/tokenizer/unicode.h"
#include <algorithm>
#include <cstdio>
#include <numeric>
#include <queue>

namespace ssmc {

Vocabulary::Vocabulary(std::vector<std::pair<std::string, int32_t>> entries)
    : byText(std::move(entries)), byId(byText.size()) {
  std::sort(byText.begin(), byText.end());
  for (size_t i = 1; i < byText.size(); ++i)
    if (byText[i].first == byText[i - 1].first)
      throw TokenizerError("expected every token once, got '" +
                           byText[i].first.substr(0, 64) + "' twice");
  std::iota(byId.begin(), byId.end(), 0);
  std::sort(byId.begin(), byId.end(), [&](uint32_t a, uint32_t b) {
    return byText[a].second < byText[b].second;
  });
  for (size_t i = 1; i < byId.size(); ++i)
    if (byText[byId[i]].second == byText[byId[i - 1]].second)
      throw TokenizerError("expected every token id once, got " +
                           std::to_string(byText[byId[i]].second) + " twice");
}

std::optional<int32_t> Vocabulary::find(std::string_view text) const {
  auto entry = std::lower_bound(byText.begin(), byText.end(), text,
                                [](const auto &entry, std::string_view text) {
                                  return entry.first < text;
                                });
  if (entry == byText.end() || entry->first != text)
    return std::nullopt;
  return entry->second;
}

const std::string *Vocabulary::text(int64_t id) const {
  auto index = std::lower_bound(
      byId.begin(), byId.end(), id,
      [&](uint32_t index, int64_t id) { return byText[index].second < id; });
  if (index == byId.end() || byText[*index].second != id)
    return nullptr;
  return &byText[*index].first;
}

Bpe::Bpe(Vocabulary vocabulary, Options chosen)
    : tokens(std::move(vocabulary)), options(std::move(chosen)) {
  if (options.unknownToken.empty())
    return;
  std::optional<int32_t> id = tokens.find(options.unknownToken);
  if (!id)
    throw TokenizerError("expected 'unk_token' to be in 'vocab', got '" +
                         options.unknownToken + "'");
  unknown = *id;
}

static uint64_t pairKey(int32_t left, int32_t right) {
  return uint64_t(left) << 32 | uint32_t(right);
}

bool Bpe::addMerge(std::string_view left, std::string_view right) {
  std::optional<int32_t> leftId = tokens.find(left);
  std::optional<int32_t> rightId = tokens.find(right);
  std::optional<int32_t> result =
      tokens.find(std::string(left) + std::string(right));
  if (!leftId || !rightId || !result)
    return false;
  merges.push_back({pairKey(*leftId, *rightId),
                    static_cast<uint32_t>(merges.size()), *result});
  return true;
}

void Bpe::finish() {
  std::sort(merges.begin(), merges.end(), [](const Merge &a, const Merge &b) {
    return a.pair != b.pair ? a.pair < b.pair : a.rank > b.rank;
  });
  // Of a pair listed twice the later place counts, as in `tokenizers`.
  merges.erase(std::unique(merges.begin(), merges.end(),
                           [](const Merge &a, const Merge &b) {
                             return a.pair == b.pair;
                           }),
               merges.end());
}

const Bpe::Merge *Bpe::findMerge(int32_t left, int32_t right) const {
  uint64_t key = pairKey(left, right);
  auto merge = std::lower_bound(
      merges.begin(), merges.end(), key,
      [](const Merge &merge, uint64_t key) { return merge.pair < key; });
  return merge != merges.end() && merge->pair == key ? &*merge : nullptr;
}

bool Bpe::splitBytes(std::string_view character,
                     std::vector<int32_t> &ids) const {
  size_t before = ids.size();
  for (unsigned char byte : character) {
    char name[8];
    std::snprintf(name, sizeof(name), "<0x%02X>", byte);
    std::optional<int32_t> id = tokens.find(name);
    if (!id) {
      ids.resize(before);
      return false;
    }
    ids.push_back(*id);
  }
  return true;
}

/// The tokens of single characters that merging starts from.
std::vector<int32_t> Bpe::split(std::string_view word) const {
  std::vector<int32_t> ids;
  bool afterUnknown = false;
  while (!word.empty()) {
    std::string_view character = word.substr(0, nextUtf8(word).length);
    word.remove_prefix(character.size());
    if (std::optional<int32_t> id = tokens.find(character)) {
      ids.push_back(*id);
      afterUnknown = false;
    } else if (options.byteFallback && splitBytes(character, ids)) {
      afterUnknown = false;
    } else if (unknown < 0) {
      throw TokenizerError("expected text of the vocabulary's characters or an "
                           "'unk_token', got '" +
                           std::string(character) + "'");
    } else {
      if (!afterUnknown || !options.fuseUnknown)
        ids.push_back(unknown);
      afterUnknown = true;
    }
  }
  return ids;
}

void Bpe::encode(std::string_view word, std::vector<int64_t> &ids) const {
  if (options.ignoreMerges)
    if (std::optional<int32_t> id = tokens.find(word)) {
      ids.push_back(*id);
      return;
    }

  // A doubly linked list of what the word consists of now; an id of -1 marks
  // what was merged into its left neighbour.
  struct Symbol {
    int32_t id;
    size_t previous, next;
  };
  std::vector<int32_t> characters = split(word);
  const size_t count = characters.size();
  std::vector<Symbol> symbols;
  symbols.reserve(count);
  for (size_t i = 0; i < count; ++i)
    symbols.push_back({characters[i], i ? i - 1 : count, i + 1});

  struct Candidate {
    uint32_t rank;
    size_t left;
    int32_t result;
    bool operator<(const Candidate &other) const {
      return rank != other.rank ? rank > other.rank : left > other.left;
    }
  };
  std::priority_queue<Candidate> queue;
  auto consider = [&](size_t left) {
    size_t right = left < count ? symbols[left].next : count;
    if (right < count)
      if (const Merge *merge = findMerge(symbols[left].id, symbols[right].id))
        queue.push({merge->rank, left, merge->result});
  };
  for (size_t i = 0; i < count; ++i)
    consider(i);

  while (!queue.empty()) {
    Candidate best = queue.top();
    queue.pop();
    Symbol &left = symbols[best.left];
    // The pair may have changed since it was queued.
    if (left.id < 0 || left.next == count)
      continue;
    Symbol &right = symbols[left.next];
    const Merge *merge = findMerge(left.id, right.id);
    if (!merge || merge->result != best.result)
      continue;
    left.id = best.result;
    right.id = -1;
    left.next = right.next;
    if (left.next < count)
      symbols[left.next].previous = best.left;
    consider(left.previous);
    consider(best.left);
  }
  for (const Symbol &symbol : symbols)
    if (symbol.id >= 0)
      ids.push_back(symbol.id);
}

} // namespace ssmc
