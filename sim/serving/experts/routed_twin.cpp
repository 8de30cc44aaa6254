#include "sim/serving/experts/routed_twin.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "sim/routing/solve_offsets.hpp"

namespace moesim {
namespace {

constexpr int kNoiseRows = 4096;
constexpr std::int64_t kBlock = 256;  // tokens routed at once

void add(ExpertState& sum, const ExpertState& term, double weight) {
  for (const auto member : {&ExpertState::gpu_max_over_mean, &ExpertState::node_max_over_mean,
                            &ExpertState::slots_touched, &ExpertState::slot_max_over_mean})
    sum.*member += weight * term.*member;
}

/// One layer through the window, the lag and the time of use of a plan.
class TwinLayer {
 public:
  TwinLayer(const RoutedLoadsInput& input, const TwinTrace& trace,
            const std::shared_ptr<const NoisePool>& noise, int index)
      : input_(input),
        trace_(trace),
        gate_(input.gate),
        affinities_(affinity_of(input, trace), input.gate.num_experts, input.seed, index, noise,
                    BatchMode::decode) {
    solve();
  }

  /// Routes tokens of the present step, not routed before, and counts experts, with nodes where wanted.
  void route(std::int64_t tokens, const ExpertPlacement* placement, std::vector<double>& experts,
             std::vector<double>& nodes) {
    const auto n = static_cast<std::size_t>(input_.gate.num_experts);
    for (std::int64_t done = 0; done < tokens; done += kBlock) {
      const auto block = static_cast<std::size_t>(std::min(kBlock, tokens - done));
      logits_.resize(block * n);
      affinities_.logits(next_token_, block, logits_);
      next_token_ += static_cast<std::int64_t>(block);
      gate_.route(logits_, {}, {}, routed_);
      for (const std::uint16_t expert : routed_.experts) experts[expert] += 1;
      if (placement != nullptr && !nodes.empty()) count_nodes(*placement, nodes);
    }
  }
  void next_step() {
    affinities_.begin_step(affinities_.step() + 1);
    next_token_ = 0;
  }
  [[nodiscard]] ExpertPlacement plan() {
    std::vector<double> loads(static_cast<std::size_t>(input_.gate.num_experts));
    std::vector<double> none;
    const ServingEplb& eplb = input_.spec.eplb;
    const auto steps = [&](Seconds time) { return std::llround(time.value() / trace_.step_s); };
    for (std::int64_t step = 0; step < steps(eplb.window); ++step, next_step())
      route(trace_.window_tokens, nullptr, loads, none);
    for (std::int64_t step = 0; step < steps(eplb.lag); ++step) next_step();
    return serving_placement(input_, loads);
  }

 private:
  static AffinitySpec affinity_of(const RoutedLoadsInput& input, const TwinTrace& trace) {
    AffinitySpec affinity = input.affinity;
    affinity.drift *= std::sqrt(trace.step_s / input.spec.affinity_step.value());
    return affinity;
  }

  void solve() {
    affinities_.begin_step(0);
    const std::vector<double> shares = affinities_.target_shares();
    if (shares.empty()) return;
    const AffinitySpec& affinity = input_.affinity;
    const OffsetSolution solution = solve_offsets(affinities_, gate_, shares, 1, affinity.token_sigma);
    std::ranges::copy(solution.offsets, affinities_.offsets().begin());
    affinities_.begin_step(0);
  }

  /// Replicas of an expert take tokens in turn.
  void count_nodes(const ExpertPlacement& placement, std::vector<double>& nodes) {
    if (slots_of_.empty()) {
      slots_of_.resize(static_cast<std::size_t>(placement.num_experts));
      for (int slot = 0; slot < placement.num_slots(); ++slot)
        slots_of_[static_cast<std::size_t>(placement.slot_expert[static_cast<std::size_t>(slot)])].push_back(
            slot);
    }
    const auto top_k = static_cast<std::size_t>(routed_.top_k);
    for (std::size_t first = 0; first < routed_.experts.size(); first += top_k) {
      std::vector<char> reached(nodes.size(), 0);
      for (std::size_t i = first; i < first + top_k; ++i) {
        const std::vector<int>& slots = slots_of_[routed_.experts[i]];
        reached[static_cast<std::size_t>(placement.node_of(slots[turn_++ % slots.size()]))] = 1;
      }
      for (std::size_t node = 0; node < nodes.size(); ++node) nodes[node] += reached[node];
    }
  }

  const RoutedLoadsInput& input_;
  const TwinTrace& trace_;
  Gate gate_;
  LayerAffinities affinities_;
  std::int64_t next_token_ = 0;
  std::size_t turn_ = 0;
  std::vector<std::vector<int>> slots_of_;
  std::vector<float> logits_;
  RoutedTokens routed_;
};

}  // namespace

TwinMeans run_twin(const RoutedLoadsInput& input, const ExpertLoads& loads, const TwinTrace& trace) {
  const auto noise = std::make_shared<const NoisePool>(input.gate.num_experts, input.seed, kNoiseRows);
  TwinMeans means{{0, 0, 0, 0}, {0, 0, 0, 0}};
  const double weight = 1.0 / static_cast<double>(trace.iterations);
  for (int index = 0; index < input.num_layers; ++index) {
    TwinLayer layer(input, trace, noise, index);
    const ExpertPlacement placement = layer.plan();
    std::int64_t step = 0;
    for (std::int64_t i = index; i < trace.iterations; i += input.num_layers) {
      for (; static_cast<double>(step + 1) * trace.step_s <= static_cast<double>(i) * trace.iteration_s;
           ++step)
        layer.next_step();
      std::vector<double> experts(static_cast<std::size_t>(input.gate.num_experts));
      std::vector<double> nodes(placement.num_nodes() > 1 ? static_cast<std::size_t>(placement.num_nodes())
                                                          : 0);
      layer.route(trace.tokens(i), &placement, experts, nodes);
      add(means.routed, state_of_batch(placement, experts, nodes), weight);
    }
  }
  for (std::int64_t i = 0; i < trace.iterations; ++i)
    add(means.tabulated,
        loads.state(static_cast<double>(trace.tokens(i)), 0,
                    static_cast<std::uint64_t>(i / input.spec.redraw_every)),
        weight);
  return means;
}

}  // namespace moesim
