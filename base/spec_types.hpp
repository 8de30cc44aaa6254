#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/units.hpp"

namespace moesim {

/// Later faults of a document are not kept.
inline constexpr std::size_t kMaxIssues = 100;

/// One fault of a document.
struct SpecIssue {
  std::string pointer;  ///< JSON pointer; what a check() returns is relative to its own object
  std::string what;
  std::string hint;  ///< what to do about it, or empty
};

/// What a field accepts beyond its C++ type. Combine with `|`: the tighter bound of both holds.
struct FieldOptions {
  double min = -std::numeric_limits<double>::infinity();  ///< SI units; a quantity without `min` starts at 0
  double max = std::numeric_limits<double>::infinity();
  bool above_min = false;            ///< `min` itself is refused
  bool required = true;              ///< an absent optional key keeps the member's default
  std::size_t min_items = 0;         ///< arrays and maps; bytes of texts
  std::vector<std::string> choices;  ///< texts and enums; empty: all
  std::string example;               ///< shown in errors, e.g. "450 GB/s"

  [[nodiscard]] FieldOptions and_optional() const;
};

/// The options of both: the tighter bounds, optional where either is, the second's choices and example if it
/// has any.
FieldOptions operator|(const FieldOptions& a, const FieldOptions& b);

FieldOptions optional();
FieldOptions at_least(double min);
FieldOptions at_most(double max);
FieldOptions above(double min);
FieldOptions between(double min, double max);
FieldOptions choices(std::vector<std::string> texts);
FieldOptions non_empty();
FieldOptions example(std::string text);

enum class SpecKind { kBoolean, kInteger, kNumber, kText, kQuantity, kArray, kMap, kObject, kAny };

struct SpecDescription;

/// How one value looks in JSON. Bounds hold for the value, or for every element of an array or map.
struct TypeDescription {
  SpecKind kind = SpecKind::kAny;
  FieldOptions options;
  std::optional<Dimension> dimension;              ///< quantities
  std::shared_ptr<const TypeDescription> element;  ///< arrays and maps
  const SpecDescription& (*nested)() = nullptr;    ///< objects
};

class SpecReader;

/// One key of a spec; `read` and `write` take the object that holds the member.
struct FieldDescription {
  std::string key;
  std::string doc;
  TypeDescription type;
  bool required = true;
  std::function<void(void* object, const SpecReader& value)> read;
  std::function<bool(const void* object, Json& out)> write;  ///< false: absent, nothing written
};

/// A whole spec without its C++ type.
struct SpecDescription {
  std::string name;
  std::string doc;
  std::vector<FieldDescription> fields;
  std::vector<std::function<std::optional<SpecIssue>(const void* object)>> checks;
  /// The member's value in a default-constructed object; false where it has none.
  std::function<bool(const FieldDescription& field, Json& out)> write_default;

  [[nodiscard]] const FieldDescription* find(std::string_view key) const;
};

/// A JSON value at its place in a document, with the list that its faults go to.
class SpecReader {
 public:
  SpecReader(const Json& value, std::string pointer, std::vector<SpecIssue>& issues)
      : value_(&value), pointer_(std::move(pointer)), issues_(&issues) {}

  [[nodiscard]] const Json& value() const { return *value_; }
  [[nodiscard]] const std::string& pointer() const { return pointer_; }
  [[nodiscard]] std::size_t num_issues() const { return issues_->size(); }
  /// No more faults are kept.
  [[nodiscard]] bool full() const { return issues_->size() >= kMaxIssues; }
  void fail(std::string what, std::string hint = {}) const;
  void fail_at(const std::string& relative_pointer, std::string what, std::string hint) const;
  /// Gives the faults from `first` on that have no hint this one.
  void explain(std::size_t first, const std::string& hint) const;
  [[nodiscard]] SpecReader child(std::string_view key, const Json& value) const;
  [[nodiscard]] SpecReader child(std::size_t index, const Json& value) const;

 private:
  const Json* value_;
  std::string pointer_;
  std::vector<SpecIssue>* issues_;
};

}  // namespace moesim
