#pragma once

#include <cstdint>
#include <vector>

#include "base/random.hpp"
#include "tests/sim_engine_replay/graph_builder.hpp"

namespace moesim::test {

/// A sound graph with a bit of everything, and an input on it. GPUs differ.
class RandomCase {
 public:
  explicit RandomCase(std::uint64_t seed)
      : draw_(seed, stream_of("random_graph")), num_ranks_(number(1, 4)), builder_(num_ranks_) {
    const int num_operations = num_ranks_ * number(3, 14);
    for (int i = 0; i < num_operations; ++i) add_operation();
    input_ = builder_.input(number(1, 3), number(1, 3));
    for (GpuState& gpu : input_.gpus) {
      gpu.compute_slowdown = 1 + draw_.uniform();
      gpu.expert_load = 0.5 + draw_.uniform();
      gpu.nic_out_Bps = 50 + 100 * draw_.uniform();
      gpu.nic_in_Bps = 50 + 100 * draw_.uniform();
    }
  }
  [[nodiscard]] const EngineInput& input() const { return input_; }

 private:
  int number(int least, int most) {
    return least + static_cast<int>(draw_.below(static_cast<std::uint64_t>(most - least + 1)));
  }
  bool chance(double p) { return draw_.uniform() < p; }

  void add_operation() {
    const int rank = number(0, num_ranks_ - 1);
    const auto lane = static_cast<Lane>(number(0, static_cast<int>(kNumLanes) - 1));
    OperationCost cost;
    cost.delay_s = chance(0.5) ? draw_.uniform() : 0;
    cost.expert_share = chance(0.5) ? 1 : 0.25;
    cost.host_waits = chance(0.1);
    cost.issue_s = chance(0.3) ? 0.5 * draw_.uniform() : 0;
    cost.first_issue_s = cost.issue_s / 2;
    int peer = -1;
    if (lane == Lane::computation) {
      cost.work_s = 2 * draw_.uniform();
      cost.overlapped_rate = 1 - 0.5 * draw_.uniform();
    } else {
      cost.sync = chance(0.3) ? SyncScope::expert_group : chance(0.2) ? SyncScope::all : SyncScope::none;
      cost.holds_sms = chance(0.5);
      cost.nic_B = chance(0.8) ? 200 * draw_.uniform() : 0;
      cost.nvlink_B = chance(0.5) ? 2000 * draw_.uniform() : 0;
      cost.tail_nvlink_B = chance(0.3) ? 500 * draw_.uniform() : 0;
      if (num_ranks_ > 1 && chance(0.5)) peer = (rank + number(1, num_ranks_ - 1)) % num_ranks_;
    }
    std::vector<Dependency> after;
    for (const Dependency& earlier : added_) {
      if (chance(0.1)) after.push_back(earlier);
    }
    added_.push_back(builder_.add(rank, lane, cost, after, peer));
  }

  RandomStream draw_;
  int num_ranks_;
  GraphBuilder builder_;
  std::vector<Dependency> added_;
  EngineInput input_;
};

}  // namespace moesim::test
