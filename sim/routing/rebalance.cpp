#include "sim/routing/rebalance.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace moesim {
namespace {

std::size_t at(std::int64_t index) {
  return static_cast<std::size_t>(index);
}

}  // namespace

Rebalancer::Rebalancer(const RebalanceSpec& spec, ExpertPlacement first)
    : spec_(spec), placement_(std::move(first)) {
  check_placement(placement_);
  if (spec.every < 1 || spec.window < 1 || spec.lag < 0) {
    throw std::invalid_argument("experts are placed anew every step or less often, from one step or more");
  }
  const std::vector<double> even(at(placement_.num_experts), 1.0);
  const ExpertPlacement planned = eplb_placement(even, spec.eplb);
  static_cast<void>(keeping_slots(placement_, planned));  // refuses another size
  history_.resize(at(ring_size()) * at(placement_.num_experts));
}

std::optional<Replan> Rebalancer::end_step(std::span<const double> expert_tokens) {
  const std::size_t num_experts = at(placement_.num_experts);
  if (expert_tokens.size() != num_experts) {
    throw std::invalid_argument("the load of a step has another number of experts");
  }
  const std::size_t row = at(num_steps_ % ring_size());
  std::ranges::transform(expert_tokens, history_.begin() + static_cast<std::ptrdiff_t>(row * num_experts),
                         [](double tokens) { return static_cast<float>(tokens); });
  ++num_steps_;
  if (num_steps_ % spec_.every != 0 || loads_in_window() == 0) return std::nullopt;
  Replan plan;
  plan.placement = keeping_slots(placement_, eplb_placement(window_sum(), spec_.eplb));
  plan.moves = expert_moves(placement_, plan.placement);
  placement_ = plan.placement;
  return plan;
}

std::vector<double> Rebalancer::window_sum() const {
  std::vector<double> sum(at(placement_.num_experts));
  const std::int64_t last = num_steps_ - spec_.lag;
  for (std::int64_t step = last - loads_in_window(); step < last; ++step) {
    const float* row = history_.data() + at(step % ring_size()) * sum.size();
    for (std::size_t e = 0; e < sum.size(); ++e) sum[e] += row[e];
  }
  return sum;
}

std::int64_t Rebalancer::loads_in_window() const {
  return std::clamp<std::int64_t>(num_steps_ - spec_.lag, 0, spec_.window);
}

std::int64_t Rebalancer::ring_size() const {
  return std::int64_t{spec_.window} + spec_.lag;
}

}  // namespace moesim
