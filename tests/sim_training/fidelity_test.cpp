// Two ways to the same figure: representative GPUs and all of them, SimGrid and the replay engine, the
// overlapped layer and its published profile.
#include <gtest/gtest.h>

#include "sim/training/layer_pair.hpp"
#include "sim/training/training_run.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::V3Step;

double seconds_by(V3Step step, const char* engine, const char* detail) {
  const TrainingInputs inputs = step.set("/engine", engine).set("/gpus", detail).inputs();
  NullSink sink;
  return replay_step(inputs, 1, sink)->result.makespan_s;
}

/// At 120 micro-batches as at 32: representatives are 1.6 and 1.5 % slow, as 2048 draws leave a little slack
/// that the slowest of each rank does not have.
TEST(Fidelity, RepresentativesAgainstEveryGpu) {
  const double every = seconds_by(V3Step::shortest(), "replay", "every");
  EXPECT_NEAR(seconds_by(V3Step::shortest(), "replay", "representative"), every, 0.02 * every);
}

TEST(Fidelity, RepresentativesAgainstEqualGpus) {
  const double every = seconds_by(V3Step::shortest().equal_gpus(), "replay", "every");
  EXPECT_NEAR(seconds_by(V3Step::shortest().equal_gpus(), "replay", "representative"), every, 0.001 * every);
}

/// The limit is 1 %; they agree to 1e-13 at 32 and at 120 micro-batches.
TEST(Fidelity, SimgridAgainstReplay) {
  for (const V3Step& step : {V3Step::shortest(), V3Step::plain()}) {
    const double replayed = seconds_by(step, "replay", "representative");
    EXPECT_NEAR(seconds_by(step, "simgrid", "representative"), replayed, 1e-9 * replayed);
  }
}

/// deepseek-ai/profile-data: mean span of a phase over 4 layers, milliseconds; transfers without notify.
struct Published {
  Phase phase;
  double ms;
};
constexpr double kLayerPair = 32.25;
constexpr Published kComputation[] = {{Phase::attention_forward, 4.60},  {Phase::mlp_forward, 4.64},
                                      {Phase::mlp_backward, 5.36},       {Phase::mlp_weight, 5.07},
                                      {Phase::attention_backward, 9.54}, {Phase::attention_weight, 2.40}};
constexpr Published kTransfers[] = {{Phase::dispatch_forward, 4.346},
                                    {Phase::combine_forward, 5.994},
                                    {Phase::combine_backward, 3.405},
                                    {Phase::dispatch_backward, 6.368}};

struct ProfiledLayer {
  LayerPair pair;

  explicit ProfiledLayer(const V3Step& step) : pair(*replay_layer_pair(step.inputs())) {}
  [[nodiscard]] double ms(Phase phase) const { return 1e3 * pair.phase_s[static_cast<std::size_t>(phase)]; }
};

/// From isolated kernels alone, nothing of the profile: 12 % and 20 %.
TEST(Fidelity, LayerFromIsolatedKernels) {
  const ProfiledLayer layer(V3Step::plain().exclude("deepseek-profile-data"));
  EXPECT_NEAR(1e3 * layer.pair.total_s, kLayerPair, 0.12 * kLayerPair);
  for (const auto& [phase, ms] : kComputation)
    EXPECT_NEAR(layer.ms(phase), ms, 0.20 * ms) << to_string(phase);
}

/// With the profile's constants: 5 % and 10 %, each transfer 20 % and their sum 7 %.
TEST(Fidelity, LayerWithTheProfile) {
  const ProfiledLayer layer(V3Step::plain());
  EXPECT_NEAR(1e3 * layer.pair.total_s, kLayerPair, 0.05 * kLayerPair);
  for (const auto& [phase, ms] : kComputation)
    EXPECT_NEAR(layer.ms(phase), ms, 0.10 * ms) << to_string(phase);
  double published = 0, predicted = 0;
  for (const auto& [phase, ms] : kTransfers) {
    EXPECT_NEAR(layer.ms(phase), ms, 0.20 * ms) << to_string(phase);
    published += ms;
    predicted += layer.ms(phase);
  }
  EXPECT_NEAR(predicted, published, 0.07 * published);
}

/// Order within the pair leaves hardly any transfer bare: the profile shows 4.24 ms in 129 ms.
TEST(Fidelity, LittleOfTheLayersCommunicationIsExposed) {
  const ProfiledLayer layer(V3Step::plain());
  EXPECT_LT(layer.pair.exposed_communication_s, 0.04 * layer.pair.total_s);
}

TEST(Fidelity, LayerPairNeedsPairsAndExperts) {
  EXPECT_FALSE(replay_layer_pair(V3Step::plain().much_memory().set("/layout/schedule", "1f1b").inputs()));
}

}  // namespace
}  // namespace moesim
