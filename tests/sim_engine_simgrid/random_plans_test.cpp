#include <gtest/gtest.h>

#include "tests/sim_engine_replay/random_graph.hpp"
#include "tests/sim_engine_simgrid/engines_agree.hpp"

namespace moesim::test {
namespace {

/// 200 plans: 1 to 4 ranks, members and columns each 1 to 3, NICs and NVLink shared by up to four lanes and
/// by senders of other ranks, held SMs, scopes, a host that lags and waits, GPUs of unequal speed. Every
/// second plan has jitter. Nothing is modelled twice in different ways, so only rounding tells the engines
/// apart: the largest deviation seen is 3e-14 of the makespan, the limit leaves it room.
TEST(RandomPlans, EnginesAgree) {
  Deviation worst;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const RandomCase random(i);
    EngineInput input = random.input();
    OpGraph graph = *input.graph;
    input.graph = &graph;
    if (i % 2 == 1) {
      for (OperationCost& cost : graph.costs) cost.pads_jitter = cost.work_s > 0;
      input.jitter_sigma = 0.1;
      input.seed = i;
    }
    const Deviation d = compare_engines(input);
    ASSERT_LT(d.largest(), 1e-10) << "case " << i;
    worst.widen(d);
  }
  record(worst);
}

}  // namespace
}  // namespace moesim::test
