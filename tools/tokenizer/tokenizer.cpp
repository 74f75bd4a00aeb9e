#include "tools/tokenizer/tokenizer.h"
#include "tools/tokenizer/error.h"
#include "tools/tokenizer/parts.h"
#include "tools/tokenizer/unicode.h"
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace ssmc {

std::string TokenizerParts::normalize(std::string_view text) const {
  std::string result(text);
  for (const Normalizer &normalizer : normalizers) {
    result = normalizer(std::move(result));
    if (result.size() > 4096 + 64 * text.size())
      throw TokenizerError("expected normalizers that make a text at most 64 "
                           "times longer, got " +
                           std::to_string(result.size()) + " bytes from " +
                           std::to_string(text.size()));
  }
  return result;
}

const AddedToken *TokenizerParts::addedToken(int64_t id) const {
  auto token = std::lower_bound(
      addedTokens.begin(), addedTokens.end(), id,
      [](const AddedToken &token, int64_t id) { return token.id < id; });
  return token != addedTokens.end() && token->id == id ? &*token : nullptr;
}

/// A message in one line: what it quotes may hold anything.
static std::string printable(std::string message) {
  for (size_t i = 0; i < message.size();) {
    Utf8Step step = nextUtf8(std::string_view(message).substr(i));
    unsigned char first = message[i];
    if (step.kind != Utf8::Complete || first < 0x20 || first == 0x7f)
      std::fill_n(message.begin() + i, step.length, '?');
    i += step.length;
  }
  return message;
}

/// Appends the ids of text without added tokens.
static void encodePlain(const TokenizerParts &parts, std::string_view text,
                        bool first, std::vector<int64_t> &ids) {
  Pieces pieces;
  pieces.push_back({std::string(text), first});
  for (const PreTokenizer &preTokenizer : parts.preTokenizers)
    pieces = preTokenizer(std::move(pieces));
  for (const Piece &piece : pieces)
    parts.model.encode(piece.text, ids);
}

static void encodeText(const TokenizerParts &parts, std::string_view text,
                       std::vector<int64_t> &ids) {
  for (const Section &section : parts.rawTokens.cut(text)) {
    if (section.id >= 0) {
      ids.push_back(section.id);
      continue;
    }
    bool first = section.text.data() == text.data();
    std::string normalized = parts.normalize(section.text);
    for (const Section &inner : parts.normalizedTokens.cut(normalized))
      if (inner.id >= 0)
        ids.push_back(inner.id);
      else
        encodePlain(parts, inner.text,
                    first && inner.text.data() == normalized.data(), ids);
  }
}

Tokenizer::Tokenizer(std::unique_ptr<const TokenizerParts> parts)
    : parts(std::move(parts)) {}
Tokenizer::~Tokenizer() = default;

std::unique_ptr<const Tokenizer> Tokenizer::fromJson(std::string_view json,
                                                     std::string &error) {
  try {
    auto parts = std::make_unique<TokenizerParts>();
    readTokenizer(json, *parts);
    return std::unique_ptr<const Tokenizer>(new Tokenizer(std::move(parts)));
  } catch (const TokenizerError &reason) {
    error = printable(reason.what());
  } catch (const std::bad_alloc &) {
    error = "out of memory";
  }
  return nullptr;
}

static bool readFile(const std::string &path, std::string &content) {
  std::FILE *file = std::fopen(path.c_str(), "rb");
  if (!file)
    return false;
  char block[65536];
  while (size_t count = std::fread(block, 1, sizeof(block), file))
    content.append(block, count);
  bool good = !std::ferror(file);
  std::fclose(file);
  return good;
}

std::unique_ptr<const Tokenizer> Tokenizer::fromFile(const std::string &path,
                                                     std::string &error) {
  std::string json;
  if (!readFile(path, json)) {
    error = "'" + path + "': cannot read: " + std::strerror(errno);
    return nullptr;
  }
  auto tokenizer = fromJson(json, error);
  if (!tokenizer)
    error = "'" + path + "': " + error;
  return tokenizer;
}

bool Tokenizer::encode(std::string_view text, std::vector<int64_t> &ids,
                       std::string &error, bool addSpecialTokens) const {
  size_t invalid = findInvalidUtf8(text);
  if (invalid != std::string_view::npos) {
    error = "expected UTF-8, got an invalid byte at offset " +
            std::to_string(invalid);
    return false;
  }
  const size_t before = ids.size();
  try {
    if (addSpecialTokens)
      ids.insert(ids.end(), parts->prefix.begin(), parts->prefix.end());
    encodeText(*parts, text, ids);
    if (addSpecialTokens)
      ids.insert(ids.end(), parts->suffix.begin(), parts->suffix.end());
    return true;
  } catch (const TokenizerError &reason) {
    error = printable(reason.what());
  } catch (const std::bad_alloc &) {
    error = "out of memory";
  }
  ids.resize(before);
  return false;
}

std::string Tokenizer::decode(const std::vector<int64_t> &ids,
                              bool skipSpecialTokens) const {
  StreamDecoder decoder(*this, skipSpecialTokens);
  std::string text;
  for (int64_t id : ids)
    text += decoder.append(id);
  return text + decoder.finish();
}

int64_t Tokenizer::find(std::string_view token) const {
  for (const AddedToken &added : parts->addedTokens)
    if (added.content == token)
      return added.id;
  return parts->model.vocabulary().find(token).value_or(-1);
}

std::string StreamDecoder::append(int64_t id) {
  const TokenizerParts &parts = *tokenizer.parts;
  if (const AddedToken *added = parts.addedToken(id)) {
    if (added->special && skipSpecialTokens)
      return "";
    return state.append(parts.decoder, added->content);
  }
  const std::string *token = parts.model.vocabulary().text(id);
  return state.append(parts.decoder, token ? *token : "\xef\xbf\xbd");
}

} // namespace ssmc
