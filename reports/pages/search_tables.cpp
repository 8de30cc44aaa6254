#include "reports/pages/search_tables.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/pages/json_facts.hpp"
#include "reports/result_lines.hpp"

namespace moesim {
namespace {

constexpr std::string_view kLayout = "/layout/";

struct FigureColumn {
  std::string_view key;
  std::string_view title;
};

constexpr auto kFigures = std::to_array<FigureColumn>({
    {"step_time_s", "step"},
    {"tokens_per_s_per_gpu", "tokens/s/GPU"},
    {"tokens_per_s_per_user", "tokens/s/user"},
    {"mfu_causal", "MFU"},
    {"bubble_fraction_mean", "bubble"},
    {"exposed_communication_fraction", "exposed"},
    {"memory_per_gpu_B", "memory"},
    {"ttft_s.p99", "TTFT p99"},
    {"tpot_s.p99", "TPOT p99"},
    {"cost_usd_per_trillion_tokens", "$/T tokens"},
    {"cost_usd_per_million_output_tokens", "$/M tokens"},
    {"energy_J_per_token", "J/token"},
    {"energy_J_per_output_token", "J/token"},
});

/// What the columns behind the rank are of.
struct Settings {
  std::vector<std::string> axes;   ///< pointers
  std::vector<std::string> pools;  ///< of a fleet
};

std::string axis_value(const Json& entry, const std::string& pointer) {
  const Json& change = member_of(member_of(entry, "changes"), pointer);
  if (!change.is_null()) return setting_text(change);
  if (!pointer.starts_with(kLayout)) return "";
  return setting_text(member_of(member_of(entry, "layout"), pointer.substr(kLayout.size())));
}

std::string axis_title(const std::string& pointer) {
  return pointer.starts_with(kLayout) ? pointer.substr(kLayout.size()) : pointer;
}

/// Whether the best layouts of a search and its scenario's own agree on a setting.
bool is_alike(const Json& summary, const std::string& pointer) {
  const Json& best = member_of(summary, "best");
  const Json& own = member_of(summary, "own");
  if (!best.is_array() || best.size() < 2) return false;
  const std::string first = axis_value(best.front(), pointer);
  const auto agrees = [&](const Json& entry) { return axis_value(entry, pointer) == first; };
  return std::ranges::all_of(best, agrees) && (!member_of(own, "figures").is_object() || agrees(own));
}

/// Pointers with more than one value in the space.
std::vector<std::string> axes_of(const Json& summary) {
  std::vector<std::string> axes;
  const Json& space = member_of(summary, "space");
  if (!space.is_object()) return axes;
  for (const auto& [pointer, values] : space.items()) {
    if (values.is_array() && values.size() > 1) axes.push_back(pointer);
  }
  return axes;
}

Settings settings_of(const Json& summary, const Json& entries) {
  Settings out;
  const Json& layout = entries.empty() ? member_of(summary, "") : member_of(entries.front(), "layout");
  if (layout.is_object()) {
    for (const auto& [name, pool] : layout.items()) {
      if (pool.is_object()) out.pools.push_back(name);
    }
  }
  if (!out.pools.empty()) return out;
  out.axes = axes_of(summary);
  std::erase_if(out.axes, [&](const std::string& axis) { return is_alike(summary, axis); });
  return out;
}

ReportRow row_of(const std::string& rank, const Json& entry, const Settings& settings) {
  ReportRow row{{{rank}}};
  for (const std::string& axis : settings.axes) row.cells.push_back(code_cell(axis_value(entry, axis)));
  for (const std::string& pool : settings.pools)
    row.cells.push_back(code_cell(pool_text(member_of(member_of(entry, "layout"), pool))));
  const Json& figures = member_of(entry, "figures");
  for (const FigureColumn& figure : kFigures) row.cells.push_back(figure_cell(figures, figure.key));
  row.cells.emplace_back();
  if (const auto difference = number_at(entry, "simgrid.difference_fraction")) {
    row.cells.back() = {signed_percent(*difference), *difference};
  } else if (member_of(entry, "simgrid").is_object()) {
    row.cells.back() = {"failed", {}, Tone::bad};
  }
  const bool misses = member_of(entry, "holds_constraints") == Json(false);
  row.cells.push_back(misses ? ReportCell{"misses a constraint", {}, Tone::bad} : ReportCell{});
  return row;
}

}  // namespace

ReportCell plain_number(const std::optional<double>& number) {
  return number ? ReportCell{fmt::format("{:.5g}", *number), *number} : ReportCell{};
}

std::string alike_settings(const Json& summary) {
  const Json& best = member_of(summary, "best");
  std::string text;
  if (!best.is_array() || best.empty()) return text;
  for (const std::string& axis : axes_of(summary)) {
    if (!is_alike(summary, axis) || axis_value(best.front(), axis).empty()) continue;
    text += (text.empty() ? "" : ", ") + axis_title(axis) + " " + axis_value(best.front(), axis);
  }
  return text;
}

std::string pool_text(const Json& pool) {
  if (!pool.is_object()) return "";
  std::string text = fmt::format("{} x {}", text_at(pool, "units"), text_at(pool, "gpus"));
  for (const auto& [key, value] : pool.items()) {
    const bool is_default = (key == "tp" && value == Json(1)) ||
                            (key == "ep" && value == member_of(pool, "gpus")) || value == Json(0) ||
                            value.is_structured();
    if (key != "units" && key != "gpus" && !is_default)
      text += fmt::format(", {} {}", metric_label(key), setting_text(value));
  }
  return text;
}

ReportTable ranked_layouts(const std::string& name, const Json& summary, const Json& entries,
                           const Json* own) {
  ReportTable table{name, {{"rank"}}, {}};
  if (!entries.is_array()) return table;
  const Settings settings = settings_of(summary, entries);
  for (const std::string& axis : settings.axes) table.columns.push_back({axis_title(axis), Align::right});
  for (const std::string& pool : settings.pools) table.columns.push_back({pool, Align::left});
  for (const FigureColumn& figure : kFigures)
    table.columns.push_back({std::string(figure.title), Align::right});
  table.columns.push_back({"SimGrid", Align::right});
  table.columns.push_back({"constraints", Align::left});
  for (const Json& entry : entries)
    table.rows.push_back(row_of(std::to_string(table.rows.size() + 1), entry, settings));
  if (own != nullptr && member_of(*own, "figures").is_object())
    table.rows.push_back(row_of("own", *own, settings));
  return table;
}

}  // namespace moesim
