#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace moesim {

/// Values "section.key" of a TOML document, each taken by who understands it.
class TomlKeys {
 public:
  /// Throws SpecError, with the line, for a text that is no TOML.
  TomlKeys(std::string_view text, std::string file);
  ~TomlKeys();
  TomlKeys(const TomlKeys&) = delete;
  TomlKeys& operator=(const TomlKeys&) = delete;

  /// Whether it is given; it counts as understood from then on.
  bool has(const std::string& name);
  /// Its value; null where it is not given.
  Json value(const std::string& name);
  /// As a whole number of at least `low`, a text, a truth value. Throws SpecError for other types.
  std::optional<long> number(const std::string& name, long low = 1);
  std::optional<std::string> text(const std::string& name);
  bool flag(const std::string& name);
  /// The texts of a list, or of one text with commas; empty where it is not given.
  std::vector<std::string> texts(const std::string& name);

  [[nodiscard]] const std::set<std::string>& understood() const { return understood_; }
  /// Names that somebody asked for, given or not.
  [[nodiscard]] const std::set<std::string>& asked() const { return asked_; }
  /// Names that nobody took.
  [[nodiscard]] std::vector<std::string> others() const;
  /// Whether it is off: false, 0, or an empty text or list.
  [[nodiscard]] bool is_off(const std::string& name) const;
  [[nodiscard]] const std::string& file() const { return file_; }
  /// Throws SpecError at the key, with its line where it is given.
  [[noreturn]] void refuse(const std::string& name, const std::string& what, const std::string& hint) const;

 private:
  struct Given;
  std::string file_;
  std::unique_ptr<Given> given_;
  std::set<std::string> understood_;
  std::set<std::string> asked_;
};

}  // namespace moesim
