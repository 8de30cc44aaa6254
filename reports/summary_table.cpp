#include "reports/summary_table.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/result_lines.hpp"
#include "reports/text_table.hpp"

namespace moesim {
namespace {

/// Parts of a result document that have their own place; others are listed below the summary.
constexpr std::array<std::string_view, 11> kPlacedKeys{"schema_version", "kind",     "scenario", "seed",
                                                       "moesim_version", "model",    "cluster",  "engine",
                                                       "provenance",     "warnings", "summary"};
/// Shown by its own table.
constexpr std::string_view kWaterfall = "waterfall";
/// Shown in columns of their own.
constexpr std::string_view kUncertainty = "uncertainty";

/// `value` where it is an array, else an empty one.
const Json& array_of(const Json& value) {
  static const Json kEmpty = Json::array();
  return value.is_array() ? value : kEmpty;
}

/// The name of an engine, which may be an object with a name.
std::string name_of(const Json& value) {
  return value.is_object() ? text_of(member_of(value, "name")) : text_of(value);
}

std::string count_of(const Json& object, std::string_view key, std::string_view what) {
  const Json& value = member_of(object, key);
  return value.is_number() ? fmt::format("{} {}", metric_text(value.get<double>(), MetricUnit::count), what)
                           : "";
}

void append(std::string& text, std::string_view separator, const std::string& more) {
  if (more.empty()) return;
  if (!text.empty()) text += separator;
  text += more;
}

std::string number_text(const std::optional<double>& value, MetricUnit unit) {
  return value ? metric_text(*value, unit) : "";
}

void add_line(const ResultLine& line, TextTable& table) {
  const SummaryRow& row = line.row;
  const std::vector<std::string> values =
      line.is_simulated ? value_lines(row) : std::vector<std::string>{"not simulated"};
  std::vector<std::string> cells{std::string(2 * static_cast<std::size_t>(row.depth), ' ') + row.label,
                                 values[0], number_text(line.p10, row.unit), number_text(line.p90, row.unit)};
  if (line.published) {
    cells.push_back(metric_text(line.published->value, row.unit));
    cells.push_back(line.published->error ? signed_percent(*line.published->error) : "");
    cells.push_back(line.published->source > 0 ? fmt::format("[{}]", line.published->source) : "");
  }
  table.rows.push_back(std::move(cells));
  for (std::size_t i = 1; i < values.size(); ++i) table.rows.push_back({"", values[i]});
}

std::string engine_text(const Json& result) {
  const Json& engine = member_of(result, "engine");
  std::string text = name_of(engine);
  append(text, ", ", count_of(engine, "num_gpus", "GPUs simulated"));
  append(text, ", ", count_of(engine, "num_operations", "operations"));
  return text;
}

std::string provenance_text(const Json& result) {
  std::string text;
  const Json& shares = member_of(result, "provenance");
  if (!shares.is_object()) return text;
  for (const auto& [origin, share] : shares.items()) {
    if (share.is_number() && share.get<double>() != 0) {
      append(text, ", ",
             fmt::format("{} {}", metric_text(share.get<double>(), MetricUnit::fraction), origin));
    }
  }
  return text;
}

std::string run_text(const Json& result) {
  std::string text = text_of(member_of(result, "seed"));
  append(text, ", moesim ", text_of(member_of(result, "moesim_version")));
  return text;
}

std::string uncertainty_text(const Json& result) {
  const Json& uncertainty = member_of(result, kUncertainty);
  std::string text = count_of(uncertainty, "replays", "draws");
  append(text, " of ", count_of(uncertainty, "num_inputs", "uncertain inputs"));
  append(text, ", ", text_of(member_of(uncertainty, "engine")));
  return text;
}

/// Lines below the table, each with a title in front.
TextTable notes(const Json& result, const std::vector<std::string>& sources) {
  TextTable table{{{""}, {""}}, {}};
  const auto add = [&](std::string title, std::string text) {
    if (!text.empty()) table.rows.push_back({std::move(title), std::move(text)});
  };
  add("engine", engine_text(result));
  add("time from", provenance_text(result));
  add("p10, p90", uncertainty_text(result));
  add("seed", run_text(result));
  for (std::size_t i = 0; i < sources.size(); ++i) add(fmt::format("[{}]", i + 1), sources[i]);
  for (const Json& warning : array_of(member_of(result, "warnings"))) add("warning", text_of(warning));
  return table;
}

/// Parts of the document that this table does not know.
Json other_parts(const Json& result) {
  Json others = Json::object();
  for (const auto& [key, value] : result.items()) {
    if (std::ranges::find(kPlacedKeys, key) == kPlacedKeys.end() && key != kWaterfall && key != kUncertainty)
      others[key] = value;
  }
  return others;
}

}  // namespace

std::string summary_table(const Json& result) {
  TextTable table{{{""},
                   {"simulated", Align::right},
                   {"p10", Align::right},
                   {"p90", Align::right},
                   {"published", Align::right},
                   {"error", Align::right},
                   {""}},
                  {}};
  const ResultLines all = result_lines(result);
  for (const ResultLine& line : all.lines) add_line(line, table);
  if (result.is_object()) {
    for (SummaryRow& row : summary_rows(other_parts(result))) add_line({std::move(row)}, table);
  }
  return result_heading(result) + "\n\n" + plain_text(table) + '\n' + plain_text(notes(result, all.sources));
}

}  // namespace moesim
