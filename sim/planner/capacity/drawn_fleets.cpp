#include "sim/planner/capacity/drawn_fleets.hpp"

#include <algorithm>
#include <optional>

#include "sim/runner/side_by_side.hpp"
#include "sim/runner/variable_scenario.hpp"
#include "sim/serving/variation.hpp"

namespace moesim {
namespace {

/// Draws that are played together, whatever the threads: what is played must not depend on them.
constexpr std::size_t kBatch = 8;

}  // namespace

DrawnFleets::DrawnFleets(const ServingInputs& inputs, const CapacityRequests& requests,
                         const std::vector<SloTarget>& slo, int num_draws, int threads)
    : inputs_(inputs), requests_(requests), slo_(slo), threads_(threads) {
  const std::vector<VariedInput> varied = varied_inputs(inputs);
  draws_.resize(static_cast<std::size_t>(std::max(num_draws, 0)));
  for (std::size_t i = 0; i < draws_.size(); ++i)
    draws_[i].values = drawn_values(varied, inputs.scenario.seed, i);
  if (!draws_.empty()) num_inputs_ = draws_.front().values.size();
}

bool DrawnFleets::Draw::is_held(const Units& units) const {
  return std::ranges::any_of(held, [&](const Units& known) { return covers(units, known); });
}

bool DrawnFleets::Draw::is_failed(const Units& units) const {
  return std::ranges::any_of(failed, [&](const Units& known) { return covers(known, units); });
}

int DrawnFleets::num_holding(const Units& units) const {
  return static_cast<int>(
      std::ranges::count_if(draws_, [&](const Draw& draw) { return draw.is_held(units); }));
}

std::vector<DrawnFleets::Draw*> DrawnFleets::unknown(const Units& units) {
  std::vector<Draw*> open;
  for (Draw& draw : draws_) {
    if (!draw.is_held(units) && !draw.is_failed(units)) open.push_back(&draw);
  }
  std::ranges::stable_sort(open, std::ranges::greater{},
                           [](const Draw* draw) { return draw->failed.size(); });
  return open;
}

void DrawnFleets::play(const std::vector<Draw*>& batch, const Units& units) {
  std::vector<char> holds(batch.size());
  side_by_side(batch.size(), threads_, [&](std::size_t i) {
    Draw& draw = *batch[i];
    if (!draw.inputs) draw.inputs = with_values(inputs_, draw.values);
    holds[i] = fleet_holds(*draw.inputs, requests_, slo_, units) ? 1 : 0;
  });
  for (std::size_t i = 0; i < batch.size(); ++i)
    (holds[i] != 0 ? batch[i]->held : batch[i]->failed).push_back(units);
  num_simulations_ += static_cast<std::int64_t>(batch.size());
}

bool DrawnFleets::hold(const Units& units, int wanted) {
  for (;;) {
    const std::vector<Draw*> open = unknown(units);
    const int held = num_holding(units);
    if (held >= wanted) return true;
    if (held + static_cast<int>(open.size()) < wanted) return false;
    play({open.begin(), open.begin() + static_cast<std::ptrdiff_t>(std::min(kBatch, open.size()))}, units);
  }
}

}  // namespace moesim
