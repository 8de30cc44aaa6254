#include "cli/serving_search_text.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "reports/search_gap.hpp"
#include "reports/text_table.hpp"

namespace moesim::cli {
namespace {

constexpr std::size_t kShown = 10;

double number(const Json& object, const char* key, const char* inner = nullptr) {
  const auto found = object.find(key);
  if (found == object.end()) return 0;
  if (inner == nullptr) return found->is_number() ? found->get<double>() : 0;
  return found->is_object() ? found->value(inner, 0.0) : 0;
}

/// "4 x 144 (+32) b96 d1": units, GPUs of one, redundant experts, largest batch, drafts.
std::string pool_text(const Json& pool) {
  std::string text = fmt::format("{} x {}", pool["units"].get<int>(), pool["gpus"].get<int>());
  if (const int tp = pool["tp"].get<int>(); tp > 1) text += fmt::format(" tp{}", tp);
  if (const int ep = pool["ep"].get<int>(); ep != pool["gpus"].get<int>()) text += fmt::format(" ep{}", ep);
  if (const int more = pool["redundant_experts"].get<int>(); more > 0) text += fmt::format(" +{}", more);
  if (pool.contains("max_batch")) text += fmt::format(" b{}", pool["max_batch"].get<int>());
  if (const int drafts = pool.value("drafts", 0); drafts > 0) text += fmt::format(" d{}", drafts);
  return text;
}

std::vector<std::string> row_of(const std::string& rank, const Json& entry, const std::string& mark) {
  const Json& figures = entry["figures"];
  std::vector<std::string> row{rank};
  for (const auto& [name, pool] : entry["layout"].items()) row.push_back(pool_text(pool));
  row.push_back(fmt::format("{:.0f}", number(figures, "tokens_per_s_per_gpu")));
  row.push_back(fmt::format("{:.1f}", number(figures, "tokens_per_s_per_user")));
  row.push_back(fmt::format("{:.0f} ms", 1e3 * number(figures, "ttft_s", "p99")));
  row.push_back(fmt::format("{:.1f} ms", 1e3 * number(figures, "tpot_s", "p99")));
  row.push_back(fmt::format("{:.3f}", number(figures, "cost_usd_per_million_output_tokens")));
  row.push_back(fmt::format("{:.2f}", number(figures, "energy_J_per_output_token")));
  row.push_back(mark);
  return row;
}

TextTable table_for(const Json& entry) {
  TextTable table;
  table.columns.push_back({"", Align::right});
  for (const auto& [name, pool] : entry["layout"].items()) table.columns.push_back({name, Align::left});
  for (const char* title : {"tokens/s/GPU", "/user", "TTFT p99", "TPOT p99", "$/M", "J/token"})
    table.columns.push_back({title, Align::right});
  table.columns.push_back({"", Align::left});
  return table;
}

std::string counts_text(const Json& summary) {
  std::size_t invalid = 0;
  for (const auto& [reason, points] : summary["invalid"].items()) invalid += points.get<std::size_t>();
  return fmt::format(
      "{} points, {} of them no deployment: {} layouts = {} run + {} too large for memory + {} ruled out by "
      "their bound\n",
      summary["points_total"].get<std::size_t>(), invalid, summary["layouts_total"].get<std::size_t>(),
      summary["evaluated"].get<std::size_t>(), summary["pruned_by_memory"].get<std::size_t>(),
      summary["pruned_by_bound"].get<std::size_t>());
}

std::string best_text(const Json& summary) {
  const Json& best = summary["best"];
  TextTable table = table_for(best.front());
  for (std::size_t i = 0; i < std::min(kShown, best.size()); ++i)
    table.rows.push_back(row_of(std::to_string(i + 1), best[i], ""));
  if (summary["own"].contains("figures"))
    table.rows.push_back(
        row_of("own", summary["own"],
               summary["own"].value("holds_constraints", false) ? "" : "misses a constraint"));
  std::string text =
      fmt::format("\nBest by {}\n{}", summary["objective"].get<std::string>(), plain_text(table));
  if (summary["published_layout_gap_fraction"].is_number())
    text += search_gap_text("deployment", summary["published_layout_gap_fraction"].get<double>(), 1) + '\n';
  return text;
}

std::string why_text(const Json& why) {
  TextTable table;
  table.columns = {{"mean iteration", Align::left}, {"winner", Align::right}, {"runner-up", Align::right}};
  for (const Json& row : why["rows"]) {
    const double ours = row["winner_s"].get<double>();
    const double theirs = row["runner_up_s"].is_number() ? row["runner_up_s"].get<double>() : 0;
    if (ours == 0 && theirs == 0) continue;
    table.rows.push_back({row["part"].get<std::string>(), fmt::format("{:.2f} ms", 1e3 * ours),
                          row["runner_up_s"].is_number() ? fmt::format("{:.2f} ms", 1e3 * theirs) : "-"});
  }
  std::string text = "\nWhere time goes\n" + plain_text(table) + "\nWhat limits the winner\n";
  for (const Json& limit : why["limited_by"]) text += "  " + limit.get<std::string>() + "\n";
  return text;
}

std::string front_text(const Json& front) {
  if (front.empty()) return "";
  TextTable table = table_for(front.front());
  for (const Json& entry : front)
    table.rows.push_back(
        row_of("", entry, entry["holds_constraints"].get<bool>() ? "" : "misses a constraint"));
  return "\nFront of tokens/s of a GPU against tokens/s of a user\n" + plain_text(table);
}

}  // namespace

std::string serving_search_text(const Json& document) {
  const Json& summary = document["summary"];
  return counts_text(summary) + best_text(summary) + why_text(summary["why"]) + front_text(summary["pareto"]);
}

}  // namespace moesim::cli
