#include "sim/serving/experts/routed_twin.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace moesim {
namespace {

void expect_alike(const TwinMeans& means, const char* what) {
  const auto near = [&](double ExpertState::*member, const char* name) {
    EXPECT_NEAR(means.tabulated.*member, means.routed.*member, 0.02 * (means.routed.*member))
        << what << " " << name;
  };
  near(&ExpertState::gpu_max_over_mean, "gpu_max_over_mean");
  near(&ExpertState::node_max_over_mean, "node_max_over_mean");
  near(&ExpertState::slots_touched, "slots_touched");
  near(&ExpertState::slot_max_over_mean, "slot_max_over_mean");
}

TwinMeans twin_of(int ep, int redundant, bool eplb) {
  RoutedLoadsInput input;
  input.gate = gate_of(load_model("deepseek-v3"));
  input.groups = {256, 8, ep, std::min(ep, 8), 256 + redundant, 1};
  input.num_layers = 12;
  input.spec.eplb.on = eplb;
  if (!eplb) input.affinity.drift = 0;  // twelve layers that drift are other layers
  TwinTrace trace;
  trace.iterations = 1200;
  trace.iteration_s = 0.5;
  trace.step_s = 20;
  trace.window_tokens = 2048;
  trace.tokens = [](std::int64_t i) { return 40 + (i * 389) % 1000; };  // 40 to 1,039
  return run_twin(input, *make_routed_loads(input), trace);
}

// Ten minutes of a decode unit whose batch varies, every token through the gate, against the table.
TEST(RoutedTwin, TheTableIsWithinTwoPerCentOfRoutingEveryToken) {
  expect_alike(twin_of(32, 32, true), "EP32, EPLB");
  expect_alike(twin_of(32, 0, false), "EP32, in order");
}

}  // namespace
}  // namespace moesim
