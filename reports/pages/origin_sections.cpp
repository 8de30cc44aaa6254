#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "reports/bars.hpp"
#include "reports/pages/json_facts.hpp"
#include "reports/pages/search_tables.hpp"
#include "reports/pages/sections.hpp"
#include "reports/result_lines.hpp"

namespace moesim {
namespace {

constexpr auto kOrigins = std::to_array<std::string_view>({"measured", "published", "derived", "assumed"});

/// Members of a result document that a section shows, or that stand at its head or foot.
constexpr auto kShown =
    std::to_array<std::string_view>({"schema_version", "kind", "scenario", "seed", "moesim_version", "model",
                                     "cluster", "engine", "provenance", "warnings", "summary", "waterfall",
                                     "uncertainty", "figure", "value", "inputs", "without_effect"});

/// The default of a scenario's key by its pointer, as far as the schema has one; null else.
const Json& default_of(const Json& schema, const std::vector<std::string>& path) {
  static const Json kNothing;
  const Json* at = &schema;
  for (const std::string& key : path) {
    const Json& properties = member_of(*at, "properties");
    at = &member_of(properties, key);
    if (at->is_null()) return kNothing;
  }
  return member_of(*at, "default");
}

/// A pointer and the value below it, of what holds no more.
struct Setting {
  std::string pointer;
  std::vector<std::string> path;
  const Json* value = nullptr;
};

void add_settings(const Json& value, const std::string& pointer, const std::vector<std::string>& path,
                  std::vector<Setting>& settings) {
  if (!value.is_object() || value.empty()) {
    settings.push_back({pointer, path, &value});
    return;
  }
  for (const auto& [key, child] : value.items()) {
    std::vector<std::string> below = path;
    below.push_back(key);
    add_settings(child, child_pointer(pointer, key), below, settings);
  }
}

std::string short_text(const Json& value) {
  constexpr std::size_t kMost = 400;
  std::string text = setting_text(value);
  if (value.is_array() && !value.empty() && value.front().is_structured()) text = value.dump();
  if (text.size() <= kMost) return text;
  std::size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "\u2026";
}

std::string joined(const Json& texts) {
  std::vector<std::string> parts;
  if (texts.is_array()) {
    for (const Json& text : texts) parts.push_back(text_of(text));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

ReportRow constant_row(const Json& constant) {
  ReportRow row{{code_cell(text_at(constant, "name")),
                 {text_at(constant, "owner")},
                 plain_number(number_at(constant, "value"))}};
  row.key = text_at(constant, "owner") + ":" + text_at(constant, "name");
  const Json& interval = member_of(constant, "interval");
  for (std::size_t end = 0; end < 2; ++end) {
    const bool is_there = interval.is_array() && interval.size() == 2 && interval[end].is_number();
    row.cells.push_back(is_there ? plain_number(interval[end].get<double>()) : ReportCell{});
  }
  row.cells.push_back({text_at(constant, "unit")});
  row.cells.push_back({text_at(constant, "provenance")});
  row.cells.push_back({joined(member_of(constant, "sources"))});
  row.cells.push_back({text_at(constant, "note")});
  return row;
}

}  // namespace

void add_origin(const ReportInput& input, ReportSection& section) {
  const Json& provenance = member_of(*input.document, "provenance");
  if (!provenance.is_object() || provenance.empty()) return;
  std::vector<std::string> labels;
  StackedBar bar{"simulated time", {}};
  ReportTable table{"origin", {{"origin"}, {"share of the simulated time", Align::right}}, {}};
  for (const std::string_view origin : kOrigins) {
    const double share = number_at(provenance, origin).value_or(0);
    labels.emplace_back(origin);
    bar.parts.push_back(share);
    table.rows.push_back({{{std::string(origin)}, number_cell(share, MetricUnit::fraction)}});
  }
  section.add_figure("What the times of operations come from. Assumed includes what was fitted.",
                     stacked_bars(labels, {bar}, MetricUnit::fraction));
  section.add_table(std::move(table));
}

void add_constants(const ReportInput& input, ReportSection& section) {
  if (!input.constants_note.empty()) section.add_text(input.constants_note);
  if (input.constants == nullptr || !input.constants->is_array()) return;
  ReportTable table{"constants",
                    {{"constant"},
                     {"of", Align::left},
                     {"value", Align::right},
                     {"low", Align::right},
                     {"high", Align::right},
                     {"unit", Align::left},
                     {"origin", Align::left},
                     {"sources", Align::left},
                     {"note", Align::left}},
                    {}};
  for (const Json& constant : *input.constants) table.rows.push_back(constant_row(constant));
  section.add_table(std::move(table));
}

void add_inputs(const ReportInput& input, ReportSection& section) {
  const Json& scenario = member_of(*input.document, "scenario");
  if (!scenario.is_object()) return;
  std::vector<Setting> settings;
  add_settings(scenario, "", {}, settings);
  ReportTable table{"inputs", {{"key"}, {"value", Align::left}, {"default", Align::left}}, {}};
  for (const Setting& setting : settings) {
    ReportRow row{{code_cell(setting.pointer), code_cell(short_text(*setting.value))}};
    if (input.schema != nullptr) {
      const Json& standard = default_of(*input.schema, setting.path);
      if (!standard.is_null()) {
        row.cells.push_back(code_cell(standard == *setting.value ? "" : short_text(standard)));
        if (standard == *setting.value) row.cells[1].tone = Tone::soft;
      }
    }
    table.rows.push_back(std::move(row));
  }
  section.add_text(
      input.schema != nullptr
          ? "The scenario as it was run. Beside a value that is not the default stands the default."
          : "The scenario as it was run, with every default.");
  section.add_table(std::move(table));
}

void add_other_parts(const ReportInput& input, ReportSection& section) {
  for (const auto& [key, value] : input.document->items()) {
    if (std::ranges::find(kShown, key) != kShown.end()) continue;
    if (!value.is_object()) {
      section.add_text(key + ": " + short_text(value));
      continue;
    }
    ReportTable table{key, {{key}, {"value", Align::right}}, {}};
    for (const SummaryRow& row : summary_rows(value)) {
      ReportRow line{{{row.label}}, row.depth, row.is_group(), row.key};
      if (!row.is_group()) line.cells.push_back({fmt::format("{}", fmt::join(value_lines(row), ", "))});
      table.rows.push_back(std::move(line));
    }
    section.add_table(std::move(table));
  }
}

}  // namespace moesim
