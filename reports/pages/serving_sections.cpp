#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

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

MetricUnit unit_of_series(const Series& series) {
  if (series.unit == "s") return MetricUnit::seconds;
  if (series.unit == "B") return MetricUnit::bytes;
  return series.name.ends_with("fraction") ? MetricUnit::fraction : MetricUnit::count;
}

/// "decode/queue" is of the pool "decode"; "max_violation_batch.layer_3" is a part of another curve.
struct CurveName {
  std::string part;
  std::string what;
};

CurveName curve_name(const std::string& name) {
  const std::size_t slash = name.find('/');
  if (slash != std::string::npos) return {name.substr(0, slash), name.substr(slash + 1)};
  const std::size_t layer = name.find(".layer_");
  if (layer != std::string::npos) return {name.substr(layer + 1), name.substr(0, layer)};
  return {"", name};
}

XySeries line_of(const Series& series, const std::string& label) {
  XySeries line{label, {}};
  line.is_line = true;
  for (std::size_t i = 0; i < std::min(series.time_s.size(), series.value.size()); ++i)
    line.points.push_back({series.time_s[i], series.value[i]});
  line.points = thinned(line.points);
  return line;
}

/// Curves of one figure, one plot.
struct CurvePlot {
  XyPlot plot;
  std::size_t left_out = 0;
};

std::vector<CurvePlot> curve_plots(const StoreReader& records, bool is_routing) {
  constexpr std::size_t kMostLines = 6;
  std::vector<CurvePlot> plots;
  std::map<std::string, std::size_t> places;
  for (const Series& series : records.series()) {
    const CurveName name = curve_name(series.name);
    const auto [place, is_new] = places.try_emplace(name.what, plots.size());
    if (is_new) {
      CurvePlot& added = plots.emplace_back();
      added.plot.x = {is_routing ? "step" : "time", is_routing ? MetricUnit::count : MetricUnit::seconds};
      added.plot.x.tight = true;
      added.plot.y = {metric_label(name.what), unit_of_series(series)};
      added.plot.height = 240;
    }
    CurvePlot& of_figure = plots[place->second];
    if (of_figure.plot.series.size() < kMostLines) {
      of_figure.plot.series.push_back(line_of(series, name.part.empty() ? "all" : name.part));
    } else {
      ++of_figure.left_out;
    }
  }
  return plots;
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
