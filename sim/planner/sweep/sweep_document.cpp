#include "sim/planner/sweep/sweep_document.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "sim/results/store.hpp"
#include "sim/runner/summary_metric.hpp"

namespace moesim {
namespace {

constexpr std::size_t kNumBest = 10;
constexpr std::size_t kNumFailures = 20;

// Of training a rate, as cases may differ in their batch.
constexpr auto kFigures = std::to_array<SweepFigure>({
    {"training", "tokens_per_s_per_gpu", true},
    {"routing", "max_violation_batch", false},
    {"serving", "output_tokens_per_s_per_node", true},
});

struct Ranked {
  double value;
  Json row;
};

/// The best so far, in their order.
class Best {
 public:
  explicit Best(const SweepFigure& figure) : figure_(figure) {}

  void add(const SweepCase& one) {
    double value = 0;
    try {
      value = summary_metric(member(parse_json(one.result, "result"), "summary"), std::string(figure_.key));
    } catch (const UnknownMetric&) {
      return;  // a fleet without decode pools has no such figure
    }
    const auto is_better = [&](const Ranked& before) {
      return figure_.higher_is_better ? before.value < value : before.value > value;
    };
    const auto place = std::ranges::find_if(best_, is_better);
    if (place == best_.end() && best_.size() == kNumBest) return;
    best_.insert(place, {value,
                         {{"index", one.index},
                          {"name", std::string(one.name)},
                          {"changes", parse_json(one.changes, "changes")},
                          {"value", value}}});
    if (best_.size() > kNumBest) best_.pop_back();
  }

  [[nodiscard]] Json rows() const {
    Json rows = Json::array();
    for (const Ranked& ranked : best_) {
      Json row = {{"rank", rows.size() + 1}};
      row.update(ranked.row);
      rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  const SweepFigure& figure_;
  std::vector<Ranked> best_;
};

}  // namespace

const SweepFigure& sweep_figure(std::string_view kind) {
  const auto found = std::ranges::find(kFigures, kind, &SweepFigure::kind);
  if (found == kFigures.end()) throw RunError(fmt::format("no figure to rank the kind '{}' by", kind));
  return *found;
}

Json sweep_document(const SweepReader& sweep) {
  const std::string kind = sweep.meta("kind");
  const SweepFigure& figure = sweep_figure(kind);
  Best best(figure);
  Json failures = Json::array();
  sweep.for_each_case([&](const SweepCase& one) {
    if (one.state == SweepCaseState::done) return best.add(one);
    if (failures.size() == kNumFailures) return;
    failures.push_back({{"index", one.index},
                        {"name", std::string(one.name)},
                        {"exit_code", one.exit_code},
                        {"message", std::string(one.message)}});
  });
  return {{"schema_version", kSchemaVersion},
          {"kind", "sweep"},
          {"scenario_kind", kind},
          {"moesim_version", sweep.meta("moesim_version")},
          {"axes", parse_json(sweep.meta("axes"), "axes")},
          {"cases", sweep.num_cases()},
          {"done", sweep.num_cases(SweepCaseState::done)},
          {"failed", sweep.num_cases(SweepCaseState::failed)},
          {"waiting", sweep.num_cases(SweepCaseState::waiting)},
          {"figure", std::string(figure.key)},
          {"best", best.rows()},
          {"failures", std::move(failures)}};
}

}  // namespace moesim
