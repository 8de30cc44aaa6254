#include "sim/planner/search/training_ranking.hpp"

#include <algorithm>
#include <limits>

#include "sim/planner/search/in_parallel.hpp"

namespace moesim {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::size_t kRound = 32;  ///< replays between two looks at the threshold
/// Scores are compared by more than rounding.
constexpr double kRounding = 1 + 1e-9;

/// The score that a candidate must not exceed to be among the best.
class Threshold {
 public:
  explicit Threshold(std::size_t num_best) : num_best_(num_best) {}

  void add(const TrainingCandidate& candidate) {
    if (!candidate.good) return;
    scores_.insert(std::ranges::upper_bound(scores_, candidate.score), candidate.score);
    if (scores_.size() > num_best_) scores_.pop_back();
  }
  [[nodiscard]] double value() const {
    return scores_.size() < num_best_ ? kInfinity : scores_.back() * kRounding;
  }

 private:
  std::size_t num_best_;
  std::vector<double> scores_;  ///< rising, num_best at most
};

std::vector<std::size_t> waiting_by_bound(const std::vector<TrainingCandidate>& candidates) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].state == LayoutState::waiting) order.push_back(i);
  }
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return candidates[i].bound; });
  return order;
}

}  // namespace

void rank_layouts(const TrainingCandidates& source, const TrainingSearch& search,
                  std::vector<TrainingCandidate>& candidates) {
  const std::vector<std::size_t> order = waiting_by_bound(candidates);
  Threshold threshold(search.num_best);
  std::size_t next = 0;
  while (next < order.size()) {
    const double limit = search.exhaustive ? kInfinity : threshold.value();
    if (candidates[order[next]].bound > limit) break;
    const std::size_t count = std::min(kRound, order.size() - next);
    in_parallel(count, search.threads,
                [&](std::size_t i) { source.evaluate(candidates[order[next + i]], limit); });
    for (std::size_t i = 0; i < count; ++i) threshold.add(candidates[order[next + i]]);
    next += count;
    if (search.progress)
      search.progress(0.4 + 0.4 * static_cast<double>(next) / static_cast<double>(order.size()), "replays");
  }
  for (; next < order.size(); ++next) candidates[order[next]].state = LayoutState::bound;
}

std::vector<std::size_t> best_layouts(const std::vector<TrainingCandidate>& candidates,
                                      std::size_t num_best) {
  std::vector<std::size_t> best;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].good) best.push_back(i);
  }
  std::ranges::stable_sort(best, {}, [&](std::size_t i) { return candidates[i].score; });
  if (best.size() > num_best) best.resize(num_best);
  return best;
}

}  // namespace moesim
