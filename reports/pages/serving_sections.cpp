#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/curve_names.hpp"
#include "reports/pages/json_facts.hpp"
#include "reports/pages/sections.hpp"
#include "reports/pages/xy_plot.hpp"
#include "reports/result_lines.hpp"

namespace moesim {
namespace {

struct LatencyRow {
  std::string_view key;
  std::string_view label;
};

constexpr auto kLatencies = std::to_array<LatencyRow>({
    {"ttft_s", "to the first token (TTFT)"},
    {"tpot_s", "per output token (TPOT)"},
    {"itl_s", "between tokens (ITL)"},
    {"e2e_s", "to the last token"},
});

struct Percentile {
  const char* key;
  double percent;
};

constexpr auto kPercentiles = std::to_array<Percentile>({{"p50", 50}, {"p90", 90}, {"p99", 99}});

/// A line through the percentiles that a result states; nothing lies between them but for the eye.
XySeries percentiles_of(const Json& latency, std::string_view label) {
  XySeries series{std::string(label), {}};
  series.is_line = true;
  for (const Percentile& percentile : kPercentiles) {
    if (const auto value = number_at(latency, percentile.key))
      series.points.push_back({percentile.percent, *value});
  }
  return series;
}

ReportRow latency_row(const Json& latency, const LatencyRow& row) {
  ReportRow line{{{std::string(row.label)}}, 0, false, std::string(row.key)};
  for (const char* key : {"mean", "p50", "p90", "p99"})
    line.cells.push_back(number_cell(number_at(latency, key), MetricUnit::seconds));
  return line;
}

XySeries line_of(const Series& series, const std::string& label) {
  XySeries line{label, {}};
  line.is_line = true;
  for (std::size_t i = 0; i < std::min(series.time_s.size(), series.value.size()); ++i)
    line.points.push_back({series.time_s[i], series.value[i]});
  line.points = thinned(line.points);
  return line;
}

/// Curves of one title, one plot.
struct CurvePlot {
  XyPlot plot;
  std::size_t left_out = 0;
};

/// In the order of the table of curves, a place after the other.
std::vector<CurvePlot> curve_plots(const StoreReader& records, bool is_routing) {
  constexpr std::size_t kMostLines = 6;
  std::vector<Series> all = records.series();
  std::ranges::stable_sort(all, {},
                           [](const Series& series) { return curve_order(curve_name(series.name)); });
  std::vector<CurvePlot> plots;
  std::map<std::string, std::size_t> places;
  for (const Series& series : all) {
    const CurveName name = curve_name(series.name);
    const std::string title = curve_title(name);
    const auto [place, is_new] = places.try_emplace(title, plots.size());
    if (is_new) {
      CurvePlot& added = plots.emplace_back();
      added.plot.x = {is_routing ? "step" : "time", is_routing ? MetricUnit::count : MetricUnit::seconds};
      added.plot.x.tight = true;
      added.plot.y = {title, curve_unit(name, series.unit)};
      if (name.kind != nullptr && name.kind->unit_text.find('/') != std::string_view::npos)
        added.plot.y.title += fmt::format(" ({})", name.kind->unit_text);
      added.plot.height = 240;
    }
    CurvePlot& of_figure = plots[place->second];
    if (of_figure.plot.series.size() < kMostLines) {
      const std::string label = curve_label(name);
      of_figure.plot.series.push_back(line_of(series, label.empty() ? "all" : label));
    } else {
      ++of_figure.left_out;
    }
  }
  return plots;
}

/// The share of what a histogram counts that lies below each edge.
XySeries shares_of(const Histogram& histogram, std::string_view label) {
  XySeries series{std::string(label), {}};
  series.is_line = true;
  double total = 0;
  for (const double weight : histogram.weight) total += weight;
  double below = 0;
  for (std::size_t i = 0; i < std::min(histogram.edge.size(), histogram.weight.size()); ++i) {
    below += histogram.weight[i];
    series.points.push_back({histogram.edge[i], below / total});
  }
  series.points = thinned(series.points);
  return series;
}

/// Whether the records hold distributions, which then are drawn.
bool add_distributions(const ReportInput& input, ReportSection& section) {
  if (input.records == nullptr) return false;
  XyPlot plot;
  plot.x = {"seconds", MetricUnit::seconds, true};
  plot.y = {"share at most as long", MetricUnit::fraction};
  const std::vector<Histogram> histograms = input.records->histograms();
  for (const LatencyRow& row : kLatencies) {
    const auto at = std::ranges::find(histograms, row.key, &Histogram::name);
    if (at != histograms.end()) plot.series.push_back(shares_of(*at, row.label));
  }
  if (plot.series.empty()) return false;
  section.add_figure(
      "The share of requests, and of tokens for the time between them, that took at most as long.",
      xy_plot(plot));
  return true;
}

}  // namespace

void add_latency(const ReportInput& input, ReportSection& section) {
  const Json& summary = member_of(*input.document, "summary");
  if (text_at(*input.document, "kind") != "serving") return;
  XyPlot plot;
  plot.x.title = "percentile";
  plot.x.tight = true;
  plot.y = {"seconds", MetricUnit::seconds, true};
  ReportTable table{
      "latency",
      {{"time"}, {"mean", Align::right}, {"p50", Align::right}, {"p90", Align::right}, {"p99", Align::right}},
      {}};
  for (const LatencyRow& row : kLatencies) {
    const Json& latency = member_of(summary, row.key);
    if (!latency.is_object()) continue;
    plot.series.push_back(percentiles_of(latency, row.label));
    table.rows.push_back(latency_row(latency, row));
  }
  if (!add_distributions(input, section))
    section.add_figure("Times that 50, 90 and 99 of 100 requests keep; the lines between join them.",
                       xy_plot(plot));
  section.add_table(std::move(table));
  if (const auto share = number_at(summary, "slo_attainment_fraction"))
    section.add_text(metric_text(*share, MetricUnit::fraction) +
                     " of the requests keep every limit of the SLO.");
}

void add_curves(const ReportInput& input, ReportSection& section) {
  const std::string kind = text_at(*input.document, "kind");
  if (kind != "serving" && kind != "routing") return;
  if (input.records == nullptr) {
    section.add_text("Curves are not in this file: report the folder of `moesim run -o`.");
    return;
  }
  for (const CurvePlot& curves : curve_plots(*input.records, kind == "routing")) {
    section.add_figure(
        curves.left_out > 0 ? fmt::format("{} more curves are in the records.", curves.left_out) : "",
        xy_plot(curves.plot));
  }
}

}  // namespace moesim
