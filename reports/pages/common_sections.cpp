#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/bars.hpp"
#include "reports/pages/json_facts.hpp"
#include "reports/pages/sections.hpp"
#include "reports/pages/waterfall_plot.hpp"
#include "reports/result_lines.hpp"
#include "reports/waterfall.hpp"

namespace moesim {
namespace {

struct KeyFigure {
  std::string_view kind;
  std::string_view key;
};

/// What comes first, of the figures that a result has.
constexpr auto kKeyFigures = std::to_array<KeyFigure>({
    {"training", "step_time_s"},
    {"training", "tokens_per_s_per_gpu"},
    {"training", "mfu_causal"},
    {"training", "bubble_fraction_mean"},
    {"training", "exposed_communication_fraction"},
    {"training", "memory_per_gpu_B.max"},
    {"training", "gpu_hours_per_trillion_tokens"},
    {"training", "cost_usd_per_trillion_tokens"},
    {"serving", "input_tokens_per_s_per_node"},
    {"serving", "output_tokens_per_s_per_node"},
    {"serving", "output_tokens_per_s_per_user"},
    {"serving", "ttft_s.p99"},
    {"serving", "tpot_s.p99"},
    {"serving", "slo_attainment_fraction"},
    {"serving", "nodes.mean"},
    {"serving", "cost_usd_per_million_output_tokens"},
    {"routing", "max_violation_batch"},
    {"routing", "max_violation_global"},
    {"routing", "balancedness_mean"},
    {"routing", "imbalance.expert"},
    {"routing", "imbalance.rank"},
    {"routing", "dropped_fraction"},
    {"capacity", "smallest.p90.gpus"},
    {"capacity", "smallest.p50.gpus"},
    {"capacity", "smallest.p90.cost_usd_per_day"},
    {"search", "layouts_total"},
    {"search", "evaluated"},
    {"search", "pruned_by_memory"},
    {"search", "pruned_by_bound"},
    {"search", "published_layout_gap_fraction"},
});

/// GPU-hours stand in the label of such a figure.
std::string short_text(double value, MetricUnit unit) {
  std::string text = metric_text(value, unit);
  constexpr std::string_view kUnit = "GPU-hours";
  if (unit == MetricUnit::gpu_hours && text.ends_with(kUnit)) text.resize(text.size() - kUnit.size());
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

ReportCell short_cell(const std::optional<double>& value, MetricUnit unit) {
  return value ? ReportCell{short_text(*value, unit), *value} : ReportCell{};
}

std::string note_of(const ResultLine& line) {
  std::string note;
  const bool varies =
      line.p10 && line.p90 && short_text(*line.p10, line.row.unit) != short_text(*line.p90, line.row.unit);
  if (varies)
    note =
        fmt::format("{} to {}", short_text(*line.p10, line.row.unit), short_text(*line.p90, line.row.unit));
  if (line.published) {
    note += (note.empty() ? "" : "; ") +
            fmt::format("published {}", short_text(line.published->value, line.row.unit));
    if (line.published->error) note += ", " + signed_percent(*line.published->error);
  }
  return note;
}

std::vector<std::string> warnings_of(const Json& document) {
  std::vector<std::string> all;
  const Json& warnings = member_of(document, "warnings");
  if (warnings.is_array()) {
    for (const Json& warning : warnings) all.push_back(text_of(warning));
  }
  return all;
}

ReportRow row_of(const ResultLine& line) {
  ReportRow row{{{line.row.label}}, line.row.depth, line.row.is_group(), line.row.key};
  if (row.is_group) return row;
  if (!line.is_simulated) {
    row.cells.push_back({"not simulated", {}, Tone::soft});
  } else if (line.row.is_number()) {
    row.cells.push_back(short_cell(line.row.numbers[0], line.row.unit));
  } else {
    row.cells.push_back({fmt::format("{}", fmt::join(value_lines(line.row), ", "))});
  }
  for (const auto& percentile : {line.p10, line.p50, line.p90})
    row.cells.push_back(short_cell(percentile, line.row.unit));
  if (!line.published) return row;
  row.cells.push_back(short_cell(line.published->value, line.row.unit));
  const auto& error = line.published->error;
  row.cells.push_back(error ? ReportCell{signed_percent(*error), *error, *error > 0 ? Tone::up : Tone::down}
                            : ReportCell{});
  row.cells.push_back({line.published->source > 0 ? fmt::format("[{}]", line.published->source) : ""});
  return row;
}

/// Lists of many numbers fill a picture, not a table.
bool is_long_list(const SummaryRow& row) {
  return row.is_list && row.numbers.size() > 8;
}

void shorten(ResultLine& line) {
  const auto [least, most] = std::ranges::minmax(line.row.numbers);
  line.row.text =
      fmt::format("{} to {}", metric_text(least, line.row.unit), metric_text(most, line.row.unit));
  line.row.label += fmt::format(" ({})", line.row.numbers.size());
  line.row.is_list = false;
  line.row.numbers.clear();
}

ReportTable waterfall_rows(const Waterfall& waterfall) {
  ReportTable table{waterfall.pool.empty() ? "waterfall" : "waterfall " + waterfall.pool,
                    {{"part"},
                     {"time", Align::right},
                     {"low", Align::right},
                     {"high", Align::right},
                     {"share", Align::right},
                     {"source", Align::left},
                     {"what it is", Align::left}},
                    {}};
  const auto add = [&](const WaterfallStep& step) {
    ReportRow row{{{metric_label(step.name)}, number_cell(step.seconds, MetricUnit::seconds), {}, {}, {}},
                  0,
                  false,
                  step.name};
    if (step.has_interval()) {
      row.cells[2] = number_cell(step.low_s, MetricUnit::seconds);
      row.cells[3] = number_cell(step.high_s, MetricUnit::seconds);
    }
    if (waterfall.total.seconds > 0)
      row.cells[4] = number_cell(step.seconds / waterfall.total.seconds, MetricUnit::fraction);
    row.cells.push_back({step.source});
    row.cells.push_back({step.note});
    table.rows.push_back(std::move(row));
  };
  for (const WaterfallStep& step : waterfall.steps) add(step);
  add(waterfall.total);
  return table;
}

}  // namespace

void add_key_figures(const ReportInput& input, ReportSection& section) {
  const ResultLines all = result_lines(*input.document);
  ReportTiles tiles;
  const std::string kind = text_of(member_of(*input.document, "kind"));
  for (const KeyFigure& figure : kKeyFigures) {
    const ResultLine* line = figure.kind == kind ? all.find(figure.key) : nullptr;
    if (line == nullptr || !line->row.is_number()) continue;
    tiles.push_back(
        {label_of_key(figure.key), short_text(line->row.numbers[0], line->row.unit), note_of(*line)});
  }
  const Json& value = member_of(*input.document, "value");
  const std::string figure = text_of(member_of(*input.document, "figure"));
  if (value.is_number() && !figure.empty())
    tiles.push_back({label_of_key(figure), metric_text(value.get<double>(), unit_of_key(figure))});
  if (!tiles.empty()) section.blocks.emplace_back(std::move(tiles));
}

void add_warnings(const ReportInput& input, ReportSection& section) {
  for (const std::string& warning : warnings_of(*input.document)) section.add_text(warning);
}

void add_summary(const ReportInput& input, ReportSection& section) {
  const std::string kind = text_of(member_of(*input.document, "kind"));
  if (kind == "search" || kind == "capacity" || kind == "sensitivity")
    return;  // their sections show all of it
  ResultLines all = result_lines(*input.document);
  ReportTable table{"summary",
                    {{""},
                     {"simulated", Align::right},
                     {"p10", Align::right},
                     {"p50", Align::right},
                     {"p90", Align::right},
                     {"published", Align::right},
                     {"error", Align::right},
                     {"source", Align::right}},
                    {}};
  for (ResultLine& line : all.lines) {
    if (is_long_list(line.row)) shorten(line);
    table.rows.push_back(row_of(line));
  }
  section.add_table(std::move(table));
  for (std::size_t i = 0; i < all.sources.size(); ++i)
    section.add_text(fmt::format("[{}] {}", i + 1, all.sources[i]));
}

void add_waterfall(const ReportInput& input, ReportSection& section) {
  for (const Waterfall& waterfall : waterfalls_of(*input.document)) {
    std::string caption =
        waterfall.pool.empty() ? "Parts of the step" : "Parts of a step of pool " + waterfall.pool;
    section.add_figure(caption + ", each from where the ones before it end; lines are intervals.",
                       waterfall_plot(waterfall));
    section.add_table(waterfall_rows(waterfall));
  }
  const std::string kind = text_of(member_of(*input.document, "kind"));
  if (section.empty() && (kind == "training" || kind == "serving"))
    section.add_text("The result was made without `--waterfall`, which splits the time by cause.");
}

void add_memory(const ReportInput& input, ReportSection& section) {
  const Json& memory = member_of(member_of(*input.document, "summary"), "memory_per_gpu_B");
  const Json& stages = member_of(memory, "by_stage");
  std::vector<double> values;
  if (stages.is_array()) {
    for (const Json& stage : stages) {
      if (stage.is_number()) values.push_back(stage.get<double>());
    }
  }
  section.add_figure("Memory of a GPU of each pipeline rank; at the right the largest.",
                     column_rows({"ranks"}, {values}, MetricUnit::bytes));
  ReportTable table{"memory", {{"rank"}, {"memory of a GPU", Align::right}}, {}, "Memory of every rank"};
  for (std::size_t rank = 0; rank < values.size(); ++rank)
    table.rows.push_back({{{std::to_string(rank)}, number_cell(values[rank], MetricUnit::bytes)}});
  section.add_table(std::move(table));
}

}  // namespace moesim
