#include "sim/results/comparison.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "sim/results/comparison_sections.hpp"
#include "sim/results/store.hpp"

namespace moesim {
namespace {

std::string kind_of_result(const ComparedResult& result) {
  const auto kind = result.result->find("kind");
  if (kind == result.result->end() || !kind->is_string())
    throw SpecError(result.file, "/kind", "the result does not say what it is of",
                    "write it with `moesim run --json`");
  return kind->get<std::string>();
}

void check_version(const ComparedResult& result) {
  const auto version = result.result->find("schema_version");
  if (version != result.result->end() && *version == kSchemaVersion) return;
  const std::string found = version == result.result->end() ? "none" : version->dump();
  throw SpecError(result.file, "/schema_version",
                  fmt::format("the result has schema version {}, not {}", found, kSchemaVersion),
                  "run its scenario again with this version of moesim");
}

/// Throws where a result cannot stand beside the first one.
void check(const std::vector<ComparedResult>& results) {
  for (const ComparedResult& result : results) {
    if (!is_result_document(*result.result))
      throw SpecError(result.file, "", "is no result of a run",
                      "write one with `moesim run --json FILE` or -o DIR");
    check_version(result);
    const std::string kind = kind_of_result(result);
    const std::string first = kind_of_result(results.front());
    if (kind != first)
      throw SpecError(result.file, "/kind",
                      fmt::format("a result of kind {} has no figure of kind {}", kind, first),
                      fmt::format("compare it with results of kind {}", kind));
  }
}

/// The row of that key, made behind `previous` where there is none.
std::size_t row_of(std::vector<ComparedRow>& rows, const std::string& key, std::size_t behind,
                   std::size_t num_results) {
  const auto found = std::ranges::find(rows, key, &ComparedRow::key);
  if (found != rows.end()) return static_cast<std::size_t>(found - rows.begin());
  rows.insert(rows.begin() + static_cast<std::ptrdiff_t>(behind),
              ComparedRow{key, std::vector<ComparedValue>(num_results)});
  return behind;
}

bool differs(const ComparedRow& row) {
  return std::ranges::any_of(row.values, [&](const ComparedValue& value) { return value != row.values[0]; });
}

bool all_absent(const ComparedRow& row) {
  return std::ranges::all_of(row.values, [](const ComparedValue& value) { return value.index() == 0; });
}

/// A key of a later result stands behind the key that precedes it there.
ComparedSection section_of(const SectionRule& rule, const std::vector<ComparedResult>& results) {
  ComparedSection section{rule.name, rule.title, rule.shows_difference, {}};
  for (std::size_t i = 0; i < results.size(); ++i) {
    std::size_t next = 0;
    for (auto& [key, value] : rule.values_of(results[i])) {
      const std::size_t row = row_of(section.rows, key, next, results.size());
      section.rows[row].values[i] = std::move(value);
      next = row + 1;
    }
  }
  std::erase_if(section.rows, [&](const ComparedRow& row) {
    return all_absent(row) || (rule.only_what_differs && !differs(row));
  });
  return section;
}

std::vector<std::string> warnings_of(const Json& result) {
  std::vector<std::string> texts;
  const auto warnings = result.find("warnings");
  if (warnings == result.end() || !warnings->is_array()) return texts;
  for (const Json& warning : *warnings) {
    texts.push_back(warning.is_string() ? warning.get<std::string>() : warning.dump());
  }
  return texts;
}

/// Whole numbers without a fraction, as documents write counts.
Json value_json(const ComparedValue& value) {
  constexpr double kExact = 0x1p53;
  if (const auto* number = std::get_if<double>(&value)) {
    const bool is_whole = std::abs(*number) < kExact && *number == std::floor(*number);
    return is_whole ? Json(static_cast<std::int64_t>(*number)) : Json(*number);
  }
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? Json() : Json(*text);
}

Json row_json(const ComparedRow& row, bool shows_difference) {
  Json values = Json::array();
  Json differences = Json::array();
  for (const ComparedValue& value : row.values) {
    values.push_back(value_json(value));
    const auto difference = relative_difference(row.values[0], value);
    differences.push_back(difference ? Json(*difference) : Json());
  }
  Json document = {{"key", row.key}, {"values", std::move(values)}};
  if (shows_difference) document["difference_fraction"] = std::move(differences);
  return document;
}

}  // namespace

const ComparedSection* Comparison::find(std::string_view name) const {
  const auto found = std::ranges::find(sections, name, &ComparedSection::name);
  return found == sections.end() ? nullptr : &*found;
}

bool is_result_document(const Json& document) {
  const auto is_object = [&](const char* key) {
    const auto found = document.find(key);
    return found != document.end() && found->is_object();
  };
  return document.is_object() && is_object("scenario") && is_object("summary");
}

Comparison compare_results(const std::vector<ComparedResult>& results) {
  check(results);
  Comparison comparison;
  if (results.empty()) return comparison;
  comparison.kind = kind_of_result(results.front());
  for (const ComparedResult& result : results) {
    comparison.names.push_back(result.name);
    comparison.warnings.push_back(warnings_of(*result.result));
  }
  for (const SectionRule& rule : comparison_sections()) {
    ComparedSection section = section_of(rule, results);
    if (!section.rows.empty()) comparison.sections.push_back(std::move(section));
  }
  return comparison;
}

std::optional<double> relative_difference(const ComparedValue& first, const ComparedValue& other) {
  const auto* from = std::get_if<double>(&first);
  const auto* to = std::get_if<double>(&other);
  if (from == nullptr || to == nullptr) return std::nullopt;
  if (*from == *to) return 0.0;
  if (*from == 0) return std::nullopt;
  return (*to - *from) / std::abs(*from);
}

Json comparison_json(const Comparison& comparison) {
  Json sections = Json::object();
  for (const ComparedSection& section : comparison.sections) {
    Json rows = Json::array();
    for (const ComparedRow& row : section.rows) rows.push_back(row_json(row, section.shows_difference));
    sections[std::string(section.name)] = std::move(rows);
  }
  Json warnings = Json::object();
  for (std::size_t i = 0; i < comparison.names.size(); ++i)
    warnings[comparison.names[i]] = comparison.warnings[i];
  return {{"schema_version", kSchemaVersion},
          {"kind", "comparison"},
          {"of", comparison.kind},
          {"names", comparison.names},
          {"sections", std::move(sections)},
          {"warnings", std::move(warnings)}};
}

}  // namespace moesim
