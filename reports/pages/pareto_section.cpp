#include <nlohmann/json.hpp>

#include "reports/pages/json_facts.hpp"
#include "reports/pages/search_tables.hpp"
#include "reports/pages/sections.hpp"
#include "reports/pages/xy_plot.hpp"
#include "reports/result_lines.hpp"

namespace moesim {
namespace {

constexpr const char* kX = "tokens_per_s_per_user";
constexpr const char* kY = "tokens_per_s_per_gpu";

void add_point(const Json& entry, XySeries& series) {
  const Json& figures = member_of(entry, "figures");
  const auto x = number_at(figures, kX);
  const auto y = number_at(figures, kY);
  if (!x || !y) return;
  series.points.push_back({*x, *y});
  series.titles.push_back(changes_text(member_of(entry, "changes")));
}

XySeries series_of(const char* label, const Json& entries) {
  XySeries series{label, {}};
  if (!entries.is_array()) return series;
  for (const Json& entry : entries) add_point(entry, series);
  return series;
}

}  // namespace

void add_pareto(const ReportInput& input, ReportSection& section) {
  const Json& summary = member_of(*input.document, "summary");
  const Json& front = member_of(summary, "pareto");
  if (text_at(*input.document, "kind") != "search" || !front.is_array() || front.empty()) return;
  XyPlot plot;
  plot.x.title = "tokens per second of a user";
  plot.y.title = "tokens per second of a GPU";
  plot.series.push_back(series_of("front", front));
  plot.series.back().is_big = true;
  // Most of the best lie on the front: rings leave its dots to be seen.
  plot.series.push_back(series_of("best by the objective", member_of(summary, "best")));
  plot.series.back().is_ring = true;
  XySeries own{"the scenario's own", {}};
  own.is_big = true;
  add_point(member_of(summary, "own"), own);
  if (!own.points.empty()) plot.series.push_back(std::move(own));
  section.add_figure(
      "Deployments that no other one beats in both figures. Further right serves a user faster, "
      "further up serves more from a GPU.",
      xy_plot(plot));
  section.add_table(ranked_layouts("pareto", summary, front, nullptr));
}

}  // namespace moesim
