#include "sim/planner/search/serving_ranking.hpp"

#include <algorithm>
#include <numeric>

#include "sim/planner/search/in_parallel.hpp"
#include "sim/planner/search/pareto_front.hpp"

namespace moesim {
namespace {

constexpr std::size_t kRound = 16;

}  // namespace

std::vector<std::size_t> ServingRanking::best() const {
  std::vector<std::size_t> good;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    if (candidates_[i].good) good.push_back(i);
  }
  std::ranges::stable_sort(
      good, {}, [&](std::size_t i) { return score(search_.objective, candidates_[i].figures.rates); });
  if (good.size() > search_.num_best) good.resize(search_.num_best);
  return good;
}

std::vector<std::size_t> ServingRanking::front() const {
  std::vector<std::size_t> eligible;
  std::vector<Tradeoff> points;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    const ServingCandidate& candidate = candidates_[i];
    if (!candidate.in_front) continue;
    eligible.push_back(i);
    points.push_back(
        {candidate.figures.rates.tokens_per_s_per_gpu, candidate.figures.rates.tokens_per_s_per_user});
  }
  std::vector<std::size_t> front;
  for (const std::size_t i : pareto_front(points)) front.push_back(eligible[i]);
  return front;
}

bool ServingRanking::hopeless(const ServingCandidate& candidate) const {
  if (search_.exhaustive || !enough_) return false;
  if (score(search_.objective, candidate.bound) <= worst_best_) return false;
  return std::ranges::any_of(front_, [&](std::size_t i) {
    const ServingRates& rates = candidates_[i].figures.rates;
    return rates.tokens_per_s_per_gpu > candidate.reach.tokens_per_s_per_gpu &&
           rates.tokens_per_s_per_user >= candidate.reach.tokens_per_s_per_user;
  });
}

void ServingRanking::note() {
  const std::vector<std::size_t> ranked = best();
  enough_ = ranked.size() >= search_.num_best;
  if (enough_) worst_best_ = score(search_.objective, candidates_[ranked.back()].figures.rates);
  front_ = front();
}

void ServingRanking::run() {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    if (candidates_[i].state == CandidateState::waiting) order.push_back(i);
  }
  std::ranges::stable_sort(order, {},
                           [&](std::size_t i) { return score(search_.objective, candidates_[i].bound); });
  for (std::size_t at = 0; at < order.size();) {
    std::vector<std::size_t> round;
    for (; at < order.size() && round.size() < kRound; ++at) {
      ServingCandidate& candidate = candidates_[order[at]];
      if (hopeless(candidate))
        candidate.state = CandidateState::bound;
      else
        round.push_back(order[at]);
    }
    in_parallel(round.size(), search_.threads,
                [&](std::size_t i) { source_.evaluate(candidates_[round[i]]); });
    note();
    if (search_.progress)
      search_.progress(0.2 + 0.8 * static_cast<double>(at) / static_cast<double>(order.size()), "fleets");
  }
}

}  // namespace moesim
