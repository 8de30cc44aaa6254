#include "cli/training_search_text.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "reports/metric.hpp"
#include "reports/search_gap.hpp"
#include "reports/text_table.hpp"

namespace moesim::cli {
namespace {

constexpr std::size_t kShown = 20;
constexpr std::string_view kLayout = "/layout/";

/// "/layout/tp" is "tp"; what lies elsewhere keeps its pointer.
std::string axis_title(const std::string& pointer) {
  return pointer.starts_with(kLayout) ? pointer.substr(kLayout.size()) : pointer;
}

std::string value_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::vector<std::string> parts;
  for (const Json& part : value) parts.push_back(value_text(part));
  return parts.empty() ? "-" : fmt::format("{}", fmt::join(parts, "+"));
}

/// Axes whose value is not the same for all that is shown.
std::vector<std::string> shown_axes(const Json& summary) {
  std::vector<std::string> out;
  for (const auto& [pointer, values] : summary["space"].items()) {
    if (values.size() > 1) out.push_back(pointer);
  }
  return out;
}

Json axis_value(const Json& entry, const std::string& pointer) {
  if (entry["changes"].contains(pointer)) return entry["changes"][pointer];
  if (!pointer.starts_with(kLayout)) return "-";
  return entry["layout"].value(pointer.substr(kLayout.size()), Json("-"));
}

std::vector<std::string> row_of(const std::string& rank, const Json& entry,
                                const std::vector<std::string>& axes) {
  const Json& figures = entry["figures"];
  std::vector<std::string> row{rank};
  for (const std::string& axis : axes) row.push_back(value_text(axis_value(entry, axis)));
  for (const char* key : {"step_time_s", "tokens_per_s_per_gpu", "mfu_causal", "bubble_fraction_mean",
                          "exposed_communication_fraction", "memory_per_gpu_B"})
    row.push_back(metric_text(figures[key].get<double>(), unit_of_key(key)));
  const auto simgrid = entry.find("simgrid");
  if (simgrid == entry.end()) return row;
  row.push_back(simgrid->contains("value") ? signed_percent((*simgrid)["difference_fraction"].get<double>())
                                           : "failed");
  return row;
}

std::string counts_text(const Json& summary) {
  std::size_t invalid = 0;
  for (const auto& [reason, points] : summary["invalid"].items()) invalid += points.get<std::size_t>();
  return fmt::format(
      "{} points, {} of them no layout of their own: {} layouts = {} replayed + {} too large for memory + {} "
      "ruled out by their bound\n",
      summary["points_total"].get<std::size_t>(), invalid, summary["layouts_total"].get<std::size_t>(),
      summary["evaluated"].get<std::size_t>(), summary["pruned_by_memory"].get<std::size_t>(),
      summary["pruned_by_bound"].get<std::size_t>());
}

std::string best_text(const Json& summary) {
  const Json& best = summary["best"];
  const std::vector<std::string> axes = shown_axes(summary);
  TextTable table;
  table.columns.push_back({"", Align::right});
  for (const std::string& axis : axes) table.columns.push_back({axis_title(axis), Align::right});
  for (const char* title : {"step", "tokens/s/GPU", "MFU", "bubble", "exposed", "memory", "SimGrid"})
    table.columns.push_back({title, Align::right});
  for (std::size_t i = 0; i < std::min(kShown, best.size()); ++i)
    table.rows.push_back(row_of(std::to_string(i + 1), best[i], axes));
  const Json& own = summary["own"];
  if (own.contains("figures")) table.rows.push_back(row_of("own", own, axes));
  std::string text =
      fmt::format("\nBest by {}\n{}", summary["objective"].get<std::string>(), plain_text(table));
  if (own.contains("fault"))
    text += fmt::format("The scenario's own layout is not ranked: {}.\n", own["fault"].get<std::string>());
  if (summary["published_layout_gap_fraction"].is_number())
    text += search_gap_text("layout", summary["published_layout_gap_fraction"].get<double>(), 2) + '\n';
  return text;
}

std::string seconds_cell(const Json& value) {
  return value.is_number() ? metric_text(value.get<double>(), MetricUnit::seconds) : "-";
}

std::string why_text(const Json& why) {
  TextTable table;
  table.columns = {{"a step's time", Align::left},
                   {"winner", Align::right},
                   {"runner-up", Align::right},
                   {"own", Align::right}};
  for (const Json& row : why["rows"]) {
    table.rows.push_back({metric_label(row["part"].get<std::string>()), seconds_cell(row["winner_s"]),
                          seconds_cell(row["runner_up_s"]), seconds_cell(row["own_s"])});
  }
  std::string text = "\nWhere time goes\n" + plain_text(table) + "\nWhat limits the winner\n";
  for (const Json& limit : why["limited_by"]) text += "  " + limit.get<std::string>() + "\n";
  return text;
}

std::string assumptions_text(const Json& why) {
  const auto found = why.find("against_own");
  if (found == why.end()) return "";
  const std::string text = '\n' + step_gain_text("winner's step", (*found)["gain_fraction"].get<double>());
  const Json& assumptions = (*found)["assumptions"];
  if (assumptions.empty()) return text + ", whatever the inputs within their intervals.\n";
  TextTable table;
  table.columns = {{"what this rests on", Align::left},
                   {"of", Align::left},
                   {"source", Align::left},
                   {"low", Align::right},
                   {"high", Align::right},
                   {"gain at low", Align::right},
                   {"at high", Align::right}};
  for (const Json& row : assumptions) {
    table.rows.push_back({row["name"].get<std::string>(), row["owner"].get<std::string>(),
                          row["provenance"].get<std::string>(),
                          fmt::format("{:.3g}", row["low"].get<double>()),
                          fmt::format("{:.4g}", row["high"].get<double>()),
                          fmt::format("{:.2f} %", 100 * row["gain_low"].get<double>()),
                          fmt::format("{:.2f} %", 100 * row["gain_high"].get<double>())});
  }
  return text + ".\n" + plain_text(table);
}

std::string simgrid_text(const Json& summary) {
  const auto found = summary.find("simgrid");
  if (found == summary.end()) return "";
  return fmt::format("\nSimGrid ran the best {} again: {:.2f} % apart at most, {} order.\n",
                     (*found)["verified"].get<std::size_t>(),
                     100 * (*found)["max_difference_fraction"].get<double>(),
                     (*found)["same_order"].get<bool>() ? "in the same" : "in another");
}

}  // namespace

std::string training_search_text(const Json& document) {
  const Json& summary = document["summary"];
  std::string text = counts_text(summary) + best_text(summary);
  if (summary.contains("why")) text += why_text(summary["why"]) + assumptions_text(summary["why"]);
  return text + simgrid_text(summary);
}

}  // namespace moesim::cli
