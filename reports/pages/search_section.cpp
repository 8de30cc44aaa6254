#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/pages/json_facts.hpp"
#include "reports/pages/search_tables.hpp"
#include "reports/pages/sections.hpp"
#include "reports/result_lines.hpp"
#include "reports/search_gap.hpp"

namespace moesim {
namespace {

/// Below a millionth of a step sums round.
ReportCell difference_cell(double more, double step) {
  if (std::abs(more) <= 1e-6 * step) more = 0;
  return {(more > 0 ? "+" : "") + metric_text(more, MetricUnit::seconds), more,
          more == 0 ? Tone::soft : (more > 0 ? Tone::up : Tone::down)};
}

/// The longest time of any row: the step itself.
double step_of(const Json& rows) {
  double longest = 0;
  for (const Json& row : rows) longest = std::max(longest, number_at(row, "winner_s").value_or(0));
  return longest;
}

ReportTable why_table(const Json& why) {
  ReportTable table{"why",
                    {{"part of a step"},
                     {"winner", Align::right},
                     {"runner-up", Align::right},
                     {"difference", Align::right},
                     {"own layout", Align::right}},
                    {}};
  const Json& rows = member_of(why, "rows");
  if (!rows.is_array()) return table;
  const double step = step_of(rows);
  for (const Json& row : rows) {
    const std::string part = text_at(row, "part");
    const auto winner = number_at(row, "winner_s");
    const auto runner_up = number_at(row, "runner_up_s");
    ReportRow line{{{metric_label(part)},
                    number_cell(winner, MetricUnit::seconds),
                    number_cell(runner_up, MetricUnit::seconds)},
                   0,
                   false,
                   part};
    line.cells.emplace_back();
    if (winner && runner_up) line.cells.back() = difference_cell(*runner_up - *winner, step);
    line.cells.push_back(number_cell(number_at(row, "own_s"), MetricUnit::seconds));
    table.rows.push_back(std::move(line));
  }
  return table;
}

ReportTable assumptions_table(const Json& against_own) {
  ReportTable table{"assumptions",
                    {{"what the gain rests on"},
                     {"of", Align::left},
                     {"origin", Align::left},
                     {"low", Align::right},
                     {"high", Align::right},
                     {"gain at low", Align::right},
                     {"gain at high", Align::right}},
                    {}};
  const Json& assumptions = member_of(against_own, "assumptions");
  if (!assumptions.is_array()) return table;
  for (const Json& row : assumptions) {
    ReportRow line{{code_cell(text_at(row, "name")), {text_at(row, "owner")}, {text_at(row, "provenance")}}};
    for (const char* key : {"low", "high"}) line.cells.push_back(plain_number(number_at(row, key)));
    for (const char* key : {"gain_low", "gain_high"})
      line.cells.push_back(number_cell(number_at(row, key), MetricUnit::fraction));
    table.rows.push_back(std::move(line));
  }
  return table;
}

void add_why(const Json& why, ReportSection& section) {
  if (!why.is_object()) return;
  ReportTable rows = why_table(why);
  if (!rows.rows.empty())
    section.add_text("Why the first wins: where a step of it and of the second spends time.");
  section.add_table(std::move(rows));
  const Json& limits = member_of(why, "limited_by");
  if (limits.is_array()) {
    for (const Json& limit : limits) section.add_text("Limited by " + text_of(limit) + ".");
  }
  const Json& against = member_of(why, "against_own");
  if (const auto gain = number_at(against, "gain_fraction")) {
    ReportTable assumptions = assumptions_table(against);
    section.add_text(step_gain_text("step of the first", *gain) +
                     (assumptions.rows.empty() ? ", wherever the inputs lie in their intervals." : "."));
    section.add_table(std::move(assumptions));
  }
}

void add_own(const Json& summary, ReportSection& section) {
  if (const std::string fault = text_at(summary, "own.fault"); !fault.empty())
    section.add_text("The scenario's own layout is not ranked: " + fault + ".");
  if (const auto gap = number_at(summary, "published_layout_gap_fraction"))
    section.add_text(
        search_gap_text(member_of(summary, "pareto").is_array() ? "deployment" : "layout", *gap, 2));
  const auto verified = number_at(summary, "simgrid.verified");
  const auto most = number_at(summary, "simgrid.max_difference_fraction");
  if (verified && most) {
    section.add_text(fmt::format("SimGrid ran the best {} again: {} apart at most, in {} order.",
                                 metric_text(*verified, MetricUnit::count),
                                 fmt::format("{:.2f} %", 100 * *most),
                                 text_at(summary, "simgrid.same_order") == "true" ? "the same" : "another"));
  }
}

ReportTable counts_table(const Json& summary) {
  ReportTable table{
      "layouts", {{"points of the space"}, {"number", Align::right}}, {}, "What became of every layout"};
  for (const char* key :
       {"points_total", "layouts_total", "evaluated", "pruned_by_memory", "pruned_by_bound"}) {
    if (const auto count = number_at(summary, key))
      table.rows.push_back({{{metric_label(key)}, number_cell(*count, MetricUnit::count)}, 0, false, key});
  }
  const Json& invalid = member_of(summary, "invalid");
  if (!invalid.is_object() || invalid.empty()) return table;
  table.rows.push_back({{{"invalid, by reason"}}, 0, true, "invalid"});
  for (const auto& [reason, count] : invalid.items()) {
    if (count.is_number())
      table.rows.push_back(
          {{{reason}, number_cell(count.get<double>(), MetricUnit::count)}, 1, false, "invalid " + reason});
  }
  return table;
}

ReportTable space_table(const Json& summary) {
  ReportTable table{"space", {{"axis"}, {"values", Align::left}}, {}, "The space"};
  const Json& space = member_of(summary, "space");
  if (!space.is_object()) return table;
  for (const auto& [pointer, values] : space.items()) {
    std::vector<std::string> texts;
    if (values.is_array()) {
      for (const Json& value : values) texts.push_back(setting_text(value));
    } else {
      texts.push_back(setting_text(values));
    }
    table.rows.push_back({{code_cell(pointer), code_cell(fmt::format("{}", fmt::join(texts, ", ")))}});
  }
  return table;
}

}  // namespace

void add_search(const ReportInput& input, ReportSection& section) {
  if (text_at(*input.document, "kind") != "search") return;
  const Json& summary = member_of(*input.document, "summary");
  std::string text = "Best by " + text_at(summary, "objective");
  const Json& constraints = member_of(summary, "constraints");
  if (!constraints.empty()) text += ", of those within " + write_json(constraints, -1);
  while (text.ends_with('\n')) text.pop_back();
  section.add_text(text + ".");
  section.add_table(ranked_layouts("best", summary, member_of(summary, "best"), &member_of(summary, "own")));
  if (const std::string alike = alike_settings(summary); !alike.empty())
    section.add_text("Alike in all of them: " + alike + ".");
  add_own(summary, section);
  add_why(member_of(summary, "why"), section);
  section.add_table(counts_table(summary));
  section.add_table(space_table(summary));
}

}  // namespace moesim
