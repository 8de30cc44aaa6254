#include <gtest/gtest.h>

#include "tests/sim_engine_replay/random_graph.hpp"
#include "tests/sim_engine_simgrid/engines_agree.hpp"

namespace moesim::test {
namespace {

/// The input of a random case with every time multiplied by `unit`; every second case has jitter.
class RandomPlan {
 public:
  RandomPlan(std::uint64_t seed, double unit) : random_(seed), graph_(*random_.input().graph) {
    input_ = random_.input();
    input_.graph = &graph_;
    input_.jitter_sigma = seed % 2 == 1 ? 0.1 : 0;
    input_.seed = seed;
    for (OperationCost& cost : graph_.costs) {
      cost.pads_jitter = cost.work_s > 0;
      for (double* amount : {&cost.delay_s, &cost.work_s, &cost.nic_B, &cost.nvlink_B, &cost.tail_nvlink_B,
                             &cost.issue_s, &cost.first_issue_s}) {
        *amount *= unit;
      }
    }
  }
  [[nodiscard]] const EngineInput& input() const { return input_; }

 private:
  RandomCase random_;
  OpGraph graph_;
  EngineInput input_;
};

/// 200 plans: 1 to 4 ranks, members and columns each 1 to 3, NICs and NVLink shared by up to four lanes and
/// by senders of other ranks, held SMs, scopes, a host that lags and waits, GPUs of unequal speed, jitter.
/// Only rounding tells the engines apart: the largest deviation seen is 3e-14 of the makespan.
TEST(RandomPlans, EnginesAgree) {
  Deviation worst;
  for (std::uint64_t i = 0; i < 200; ++i) {
    worst.widen(compare_engines(RandomPlan(i, 1).input()));
    ASSERT_LT(worst.largest(), 1e-10) << "case " << i;
  }
  record(worst);
}

/// Steps of microseconds and of weeks: SimGrid's absolute precisions follow the length of the step. The
/// largest deviation seen is 3e-12, of the short ones.
TEST(RandomPlans, EnginesAgreeAtAnyLengthOfTheStep) {
  Deviation worst;
  for (const double unit : {1e-6, 1e-3, 1e3, 1e6}) {
    for (std::uint64_t i = 0; i < 50; ++i) {
      worst.widen(compare_engines(RandomPlan(i, unit).input()));
      ASSERT_LT(worst.largest(), 1e-9) << "case " << i << ", unit " << unit;
    }
  }
  record(worst);
}

}  // namespace
}  // namespace moesim::test
