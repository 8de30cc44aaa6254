#include <algorithm>
#include <limits>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/pages/pipeline_plot.hpp"
#include "reports/pages/sections.hpp"
#include "reports/pages/span_facts.hpp"
#include "reports/result_lines.hpp"

namespace moesim {
namespace {

constexpr int kColumns = 800;
constexpr std::size_t kMostRows = 64;
constexpr std::size_t kRanksInDetail = 4;

/// Evenly spread among the ranks, the first and the last included.
std::vector<int> shown_ranks(const std::vector<int>& ranks, std::size_t most) {
  if (ranks.size() <= most) return ranks;
  std::vector<int> shown;
  for (std::size_t i = 0; i < most; ++i) shown.push_back(ranks[i * (ranks.size() - 1) / (most - 1)]);
  return shown;
}

int place_in(const std::vector<int>& ranks, int rank) {
  const auto found = std::ranges::find(ranks, rank);
  return found == ranks.end() ? -1 : static_cast<int>(found - ranks.begin());
}

std::vector<std::string> labels_of(const std::vector<std::string>& names) {
  std::vector<std::string> labels;
  for (const std::string& name : names) labels.push_back(metric_label(name));
  return labels;
}

/// The whole step: the computation of every rank, coloured by pass.
std::string whole_step(const StoreReader& records, const SpanFacts& facts, const std::vector<int>& ranks) {
  PipelineRaster raster(static_cast<int>(ranks.size()), kColumns, static_cast<int>(facts.names.passes.size()),
                        0, facts.end_s);
  for_each_span_of(records, 0, facts.end_s, [&](const Span& span) {
    if (span.gpu == facts.gpus.at(span.rank) && span.lane == 0)
      raster.add(place_in(ranks, span.rank), span.pass, span.start_s, span.end_s);
  });
  std::vector<std::string> rows;
  for (const int rank : ranks) rows.push_back(fmt::format("rank {}", rank));
  return pipeline_plot(raster, rows, labels_of(facts.names.passes), 0, facts.end_s);
}

/// What phases are shown as in a closer look; the first whose word a phase holds.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kPhaseWords{{
    {"attention", "attention"},
    {"mlp", "MLP and experts"},
    {"dispatch", "dispatch"},
    {"combine", "combine"},
    {"head", "head"},
    {"send", "between stages"},
    {"optimizer", "optimizer"},
    {"", "other"},
}};

int class_of_phase(const std::string& phase) {
  for (std::size_t i = 0; i < kPhaseWords.size(); ++i) {
    if (phase.find(kPhaseWords[i].first) != std::string::npos) return static_cast<int>(i);
  }
  return static_cast<int>(kPhaseWords.size()) - 1;
}

/// A few layers in the middle of the step: computation and, below it, communication of some ranks by phase.
std::string closer_look(const StoreReader& records, const SpanFacts& facts, const std::vector<int>& ranks,
                        double begin_s, double end_s) {
  PipelineRaster raster(2 * static_cast<int>(ranks.size()), kColumns, static_cast<int>(kPhaseWords.size()),
                        begin_s, end_s);
  for_each_span_of(records, begin_s, end_s, [&](const Span& span) {
    const int place = place_in(ranks, span.rank);
    if (place < 0 || span.gpu != facts.gpus.at(span.rank)) return;
    const std::string phase = name_or_index(facts.names.phases, span.phase, "phase");
    raster.add(2 * place + (span.lane == 0 ? 0 : 1), class_of_phase(phase), span.start_s, span.end_s);
  });
  std::vector<std::string> rows;
  for (const int rank : ranks) {
    rows.push_back(fmt::format("rank {}", rank));
    rows.emplace_back();
  }
  std::vector<std::string> classes;
  for (const auto& [word, label] : kPhaseWords) classes.emplace_back(label);
  return pipeline_plot(raster, rows, classes, begin_s, end_s);
}

/// The length of a few layers in the middle: what 40 spans of computation of one rank take.
double window_s(const SpanFacts& facts) {
  constexpr double kSpans = 40;
  const double of_a_rank =
      static_cast<double>(facts.num_computations) / static_cast<double>(facts.gpus.size());
  return of_a_rank > 0 ? std::min(facts.end_s, facts.end_s * kSpans / of_a_rank) : facts.end_s;
}

}  // namespace

void add_pipeline(const ReportInput& input, ReportSection& section) {
  if (text_of(member_of(*input.document, "kind")) != "training") return;
  if (input.records == nullptr) {
    section.add_text("The spans of the step are not in this file: report the folder of `moesim run -o`.");
    return;
  }
  const SpanFacts facts = span_facts(*input.records);
  if (facts.gpus.empty() || facts.end_s <= 0) {
    section.add_text("The records hold no spans.");
    return;
  }
  std::vector<int> ranks;
  for (const auto& [rank, gpu] : facts.gpus) ranks.push_back(rank);
  const std::vector<int> shown = shown_ranks(ranks, kMostRows);
  std::string caption = "Computation of one GPU of each pipeline rank over the step. Gaps are idle time.";
  if (shown.size() < ranks.size())
    caption += fmt::format(" {} of the {} ranks are shown.", shown.size(), ranks.size());
  section.add_figure(caption, whole_step(*input.records, facts, shown));
  const double half = window_s(facts) / 2;
  const double middle = facts.end_s / 2;
  section.add_figure(fmt::format("A closer look at the middle of the step, {}. Below the computation of each "
                                 "rank, as a thin row, is "
                                 "its communication.",
                                 metric_text(2 * half, MetricUnit::seconds)),
                     closer_look(*input.records, facts, shown_ranks(ranks, kRanksInDetail),
                                 std::max(middle - half, 0.0), std::min(middle + half, facts.end_s)));
}

}  // namespace moesim
