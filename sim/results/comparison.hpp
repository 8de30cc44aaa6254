#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.hpp"

namespace moesim {

/// One result among those that are compared. What it points to must outlive the call.
struct ComparedResult {
  std::string name;              ///< shown; one of its own for each result
  std::string file;              ///< named in errors
  const Json* result = nullptr;  ///< a result document, as `moesim run --json` writes it
  const Json* memory = nullptr;  ///< "memory" of the plan document; null: not known
};

/// A figure or input of one result. The first alternative says that the result lacks it.
using ComparedValue = std::variant<std::monostate, double, std::string>;

/// One figure or input of every result, in the order of the results.
struct ComparedRow {
  std::string key;  ///< dotted, with the unit as in the document; a JSON pointer for inputs
  std::vector<ComparedValue> values;
};

struct ComparedSection {
  std::string_view name;          ///< "results", "summary", "time", "waterfall", "memory", "inputs", ...
  std::string_view title;         ///< for readers
  bool shows_difference = false;  ///< whether differences to the first result mean something
  std::vector<ComparedRow> rows;
};

/// Results side by side, the first of which the others are compared with.
struct Comparison {
  std::string kind;                ///< of the scenarios
  std::vector<std::string> names;  ///< [num_results]
  std::vector<ComparedSection> sections;
  std::vector<std::vector<std::string>> warnings;  ///< [num_results]

  /// The section of that name; null without one.
  [[nodiscard]] const ComparedSection* find(std::string_view name) const;
};

/// Whether a document looks like one that compare_results() takes: it has a scenario and a summary.
bool is_result_document(const Json& document);

/// Puts results side by side. Rows come in the order in which the results name them, the first result's
/// before what only later ones have; inputs are those that differ, without what was published. Memory items
/// are those of the fullest pipeline rank. Throws SpecError for what is no result, for another schema version
/// and for results of different kinds.
Comparison compare_results(const std::vector<ComparedResult>& results);

/// (other - first) / |first|; nothing where one lacks the figure or the first is 0 and the other is not.
std::optional<double> relative_difference(const ComparedValue& first, const ComparedValue& other);

/// {"schema_version", "kind": "comparison", "of", "names", "sections": {NAME: [{"key", "values": [number,
/// text or null], "difference_fraction"?: [...]}]}, "warnings": {NAME OF RESULT: [...]}}.
Json comparison_json(const Comparison& comparison);

}  // namespace moesim
