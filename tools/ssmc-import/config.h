#ifndef SSMC_TOOLS_IMPORT_CONFIG_H
#define SSMC_TOOLS_IMPORT_CONFIG_H
#include "tools/ssmc-import/reporter.h"
#include "llvm/ADT/ArrayRef.h"
#include <limits>
#include <memory>
#include <optional>
#include <simdjson.h>

namespace ssmc::importer {

/// The `config.json` of a model. A builder asks for the keys it knows, with the
/// type and range each must have; all others are ignored and nothing is ever
/// run or fetched because of them. A key that is absent takes the fallback, or
/// is an error without one; a key that is null or of another type is always an
/// error. After an error a value in range is returned, so that one run reports
/// every mistake.
class Config {
public:
  static constexpr uint64_t maxBytes = 1 << 20;

  /// Parses `text`; `path` begins every message. Besides JSON this takes what
  /// Python writes for floats that JSON lacks: `Infinity`, `NaN` and
  /// `{"__float__": "Infinity"}`.
  static std::optional<Config> parse(std::string_view text, std::string path,
                                     Reporter &reporter);

  bool has(llvm::StringRef key) const;
  /// An integer in [least, 2^31).
  int64_t integer(llvm::StringRef key, std::optional<int64_t> fallback = {},
                  int64_t least = 1);
  bool flag(llvm::StringRef key, std::optional<bool> fallback = {});
  /// A finite number above zero.
  double positive(llvm::StringRef key, std::optional<double> fallback = {});
  /// One of `allowed`.
  std::string choice(llvm::StringRef key,
                     llvm::ArrayRef<llvm::StringRef> allowed,
                     std::optional<llvm::StringRef> fallback = {});
  /// Any string.
  std::string text(llvm::StringRef key);
  /// [low, high] with 0 <= low <= high, either possibly infinite. A single
  /// number is the upper end.
  std::pair<double, double> limits(llvm::StringRef key,
                                   std::pair<double, double> fallback);
  /// True if the value is the string `text`.
  bool isText(llvm::StringRef key, llvm::StringRef text) const;
  /// The object under `key`, empty if absent.
  Config section(llvm::StringRef key);

  /// Reports that `key` was expected to be `wanted`.
  void mismatch(llvm::StringRef key, const llvm::Twine &wanted);
  Reporter &reporter() const { return *report; }
  const std::string &path() const { return where; }

private:
  using Element = simdjson::dom::element;
  Config(std::shared_ptr<simdjson::dom::parser> parser, std::string where,
         Reporter &reporter)
      : parser(std::move(parser)), where(std::move(where)), report(&reporter) {}

  bool checkUnique();
  std::optional<Element> find(llvm::StringRef key) const;
  /// `find`, reporting a key that is absent though it has no fallback.
  std::optional<Element> findOr(llvm::StringRef key, bool hasFallback,
                                const llvm::Twine &wanted);

  std::shared_ptr<simdjson::dom::parser> parser; // owns what `object` refers to
  std::optional<simdjson::dom::object> object;   // absent: no keys
  std::string where, prefix;
  Reporter *report;
};

} // namespace ssmc::importer
#endif
