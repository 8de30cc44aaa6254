#include "sim/validation/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "sim/runner/summary_metric.hpp"
#include "sim/validation/run_totals.hpp"

namespace moesim {
namespace {

constexpr std::size_t kFewestVariants = 2;

/// One variant of a case: the results of its phases, or why it has none.
struct VariantRun {
  std::vector<Json> results;
  std::string message;
  bool cannot_be = false;  ///< its plan or calibration refuses it
};

VariantRun run_of(std::span<const WorkerOutcome> outcomes) {
  VariantRun run;
  for (const WorkerOutcome& outcome : outcomes) {
    if (!outcome.result) {
      run.message = outcome.message.empty() ? "no result" : outcome.message;
      run.cannot_be = outcome.exit_code == static_cast<int>(ExitCode::kInvalid);
      return run;
    }
    run.results.push_back(Json::parse(outcome.result->text));
  }
  return run;
}

/// Throws RunError where the variant did not run or has no such number.
double prediction(const ValidationCase& c, const std::string& metric, const VariantRun& run) {
  if (!run.message.empty()) throw RunError(run.message);
  if (!c.phases.empty()) return run_total(metric, c.phases, run.results);
  return summary_metric(member(run.results.front(), "summary"), metric);
}

void judge_range(const ValidationCase& c, const std::vector<VariantRun>& runs,
                 const std::vector<Variant>& variants, Figure& figure) {
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].cannot_be) continue;
    const double value = prediction(c, figure.published.metric, runs[i]);
    ++figure.num_variants;
    if (!figure.low || value < *figure.low) {
      figure.low = value;
      figure.low_variant = variants[i].label;
    }
    if (!figure.high || value > *figure.high) {
      figure.high = value;
      figure.high_variant = variants[i].label;
    }
  }
  if (figure.num_variants < kFewestVariants) {
    throw RunError(fmt::format("{} of {} variants ran; a range needs {}", figure.num_variants, runs.size(),
                               kFewestVariants));
  }
  const double published = figure.published.value;
  const bool is_narrow = *figure.low > 0 && *figure.high < kWidestRange * *figure.low;
  const bool holds = *figure.low <= published && published <= *figure.high;
  figure.status = is_narrow && holds ? FigureStatus::pass : FigureStatus::outside;
}

void judge(double predicted, Figure& figure) {
  figure.predicted = predicted;
  figure.error_fraction = predicted / figure.published.value - 1;
  const bool holds = std::abs(*figure.error_fraction) <= figure.published.tolerance_fraction.value_or(0);
  figure.status = holds ? FigureStatus::pass : FigureStatus::outside;
}

}  // namespace

std::size_t runs_of_variant(const ValidationCase& c) {
  return std::max<std::size_t>(c.phases.size(), 1);
}

Comparison compare(const ValidationCase& c, const std::vector<WorkerOutcome>& outcomes) {
  const std::vector<Variant> variants = variants_of(c);
  const std::size_t runs_each = runs_of_variant(c);
  Comparison comparison;
  std::vector<VariantRun> runs;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    runs.push_back(outcomes.size() < (i + 1) * runs_each
                       ? VariantRun{{}, "nothing was run", false}
                       : run_of(std::span(outcomes).subspan(i * runs_each, runs_each)));
    if (c.range && runs[i].cannot_be) comparison.skipped.push_back({variants[i].label, runs[i].message});
  }
  for (const PublishedValue& published : c.published) {
    Figure& figure = comparison.figures.emplace_back();
    figure.id = c.id;
    figure.family = c.family;
    figure.role = c.role;
    figure.published = published;
    try {
      if (c.range) {
        judge_range(c, runs, variants, figure);
      } else {
        judge(prediction(c, published.metric, runs.front()), figure);
      }
    } catch (const std::exception& error) {
      figure.message = error.what();
    }
  }
  return comparison;
}

}  // namespace moesim
