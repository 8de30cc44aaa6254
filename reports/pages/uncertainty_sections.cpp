#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/pages/interval_plot.hpp"
#include "reports/pages/json_facts.hpp"
#include "reports/pages/search_tables.hpp"
#include "reports/pages/sections.hpp"
#include "reports/result_lines.hpp"

namespace moesim {
namespace {

constexpr std::size_t kMostBars = 20;

ReportRow input_row(const Json& input, const std::string& figure, double value) {
  ReportRow row{{code_cell(text_at(input, "name")),
                 {text_at(input, "owner")},
                 {text_at(input, "provenance")},
                 {text_at(input, "varied")}}};
  for (const char* key : {"value", "low_value", "high_value"})
    row.cells.push_back(plain_number(number_at(input, key)));
  row.cells.push_back({text_at(input, "unit")});
  for (const char* key : {"low", "high"})
    row.cells.push_back(number_cell(number_at(input, key), unit_of_key(figure)));
  const auto span = number_at(input, "span");
  row.cells.push_back(span && value != 0 ? number_cell(*span / std::abs(value), MetricUnit::fraction)
                                         : ReportCell{});
  return row;
}

std::vector<Interval> bars_of(const Json& inputs, double value) {
  std::vector<Interval> bars;
  for (const Json& input : inputs) {
    if (bars.size() == kMostBars) break;
    const auto low = number_at(input, "low");
    const auto high = number_at(input, "high");
    if (low && high) bars.push_back({text_at(input, "name"), *low, value, *high});
  }
  return bars;
}

}  // namespace

void add_sensitivity(const ReportInput& input, ReportSection& section) {
  const Json& document = *input.document;
  const Json& inputs = member_of(document, "inputs");
  const auto value = number_at(document, "value");
  if (text_at(document, "kind") != "sensitivity" || !inputs.is_array() || !value) return;
  const std::string figure = text_at(document, "figure");
  section.add_figure(
      fmt::format("{} with one input at either end of its interval and all others as stated; the "
                  "line is where all are.",
                  label_of_key(figure)),
      interval_plot(bars_of(inputs, *value), unit_of_key(figure)));
  ReportTable table{"inputs",
                    {{"input"},
                     {"of", Align::left},
                     {"origin", Align::left},
                     {"varied by", Align::left},
                     {"value", Align::right},
                     {"low end", Align::right},
                     {"high end", Align::right},
                     {"unit", Align::left},
                     {"figure at low", Align::right},
                     {"at high", Align::right},
                     {"span", Align::right}},
                    {}};
  for (const Json& row : inputs) table.rows.push_back(input_row(row, figure, *value));
  section.add_table(std::move(table));
  const Json& none = member_of(document, "without_effect");
  if (!none.is_array() || none.empty()) return;
  std::vector<std::string> names;
  for (const Json& name : none) names.push_back(text_of(name));
  section.add_text(fmt::format("{} inputs change nothing: {}.", names.size(), fmt::join(names, ", ")));
}

void add_intervals(const ReportInput& input, ReportSection& section) {
  const Json& uncertainty = member_of(*input.document, "uncertainty");
  if (!uncertainty.is_object()) return;
  std::vector<Interval> bars;
  for (const ResultLine& line : result_lines(*input.document).lines) {
    if (!line.p10 || !line.p50 || !line.p90 || *line.p50 == 0 || *line.p10 == *line.p90) continue;
    bars.push_back({label_of_key(line.row.key), *line.p10 / *line.p50, 1, *line.p90 / *line.p50});
  }
  std::ranges::stable_sort(bars, [](const Interval& one, const Interval& other) {
    return one.high - one.low > other.high - other.low;
  });
  if (bars.size() > kMostBars) bars.resize(kMostBars);
  section.add_text(fmt::format(
      "{} replays by the engine {} with {} uncertain inputs drawn anew in each; p10, p50 and p90 of every "
      "figure stand "
      "in the summary.",
      text_at(uncertainty, "replays"), text_at(uncertainty, "engine"), text_at(uncertainty, "num_inputs")));
  section.add_figure("p10 to p90 of the most uncertain figures over their p50.",
                     interval_plot(bars, MetricUnit::fraction));
}

}  // namespace moesim
