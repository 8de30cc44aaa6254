// Steps whose loads come from the gate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/training/routed_loads.hpp"
#include "sim/training/training_run.hpp"
#include "sim/training/variation.hpp"
#include "tests/own_file.hpp"
#include "tests/sim_training/v3_step.hpp"
#include "workloads/recorded_routing/expert_ids.hpp"

namespace moesim::test {
namespace {

using testing::HasSubstr;

std::string routing_text(double spread) {
  return fmt::format(R"({{"mode": "simulated", "layers": 2, "micro_batches": 64, )"
                     R"("affinity": {{"topics": {{"count": 64, "spread": {}}}}}}})",
                     spread);
}

V3Step simulated(double spread) {
  return V3Step::plain().set("/routing", routing_text(spread));
}

Json summary_of(const V3Step& step) {
  return representative_summary(step.inputs());
}

double cost(const Json& summary) {
  return summary["imbalance_cost_fraction"].get<double>();
}

/// Layers have their own costs, of which the fullest follows the whole load of its GPUs.
TEST(SimulatedRouting, LayersTakeTheirLoadsInTurn) {
  const TrainingInputs inputs = simulated(0.5).inputs();
  const Replayed replayed(inputs);
  const LayerLoads& loads = replayed.step.loads;
  ASSERT_EQ(loads.distinct().size(), 2u);
  const auto share = [&](int layer) {
    return replayed.cost(Phase::dispatch_forward, PassKind::forward_backward, layer).expert_share;
  };
  EXPECT_EQ(share(30), loads.of(27).share_of_excess);
  EXPECT_EQ(share(31), loads.of(28).share_of_excess);
  EXPECT_EQ(share(32), share(30));
  EXPECT_EQ(std::max(share(30), share(31)), 1);
  EXPECT_EQ(replayed.input.gpus.front().expert_load, loads.fullest().rank_max_over_mean);
}

/// The work of a layer on a representative GPU is that of a step where its load is stated.
TEST(SimulatedRouting, ALayerCostsWhatItsStatedLoadDoes) {
  const TrainingInputs inputs = simulated(0.5).inputs();
  const Replayed replayed(inputs);
  for (const int layer : {30, 31}) {
    const RoutedLoad& load = replayed.step.loads.of(layer - 3);
    const V3Step stated = V3Step::plain().set(
        "/routing", fmt::format(R"({{"mode": "stated", "rank_max_over_mean": {}, "node_max_over_mean": {}}})",
                                load.rank_max_over_mean, load.nic_max_over_mean));
    const Replayed other(stated.inputs());
    for (const Phase phase : {Phase::mlp_forward, Phase::dispatch_backward}) {
      const OperationCost& one = replayed.cost(phase, PassKind::forward_backward, layer);
      const OperationCost& two = other.cost(phase, PassKind::forward_backward, layer);
      EXPECT_NEAR(one.work_s * one.load_factor(replayed.input.gpus.front().expert_load),
                  two.work_s * two.load_factor(other.input.gpus.front().expert_load), 1e-3 * two.work_s);
      EXPECT_NEAR(one.nic_B, two.nic_B, 0.01 * two.nic_B);  // nodes per token are the gate's own
    }
  }
}

TEST(SimulatedRouting, MoreSpreadIsASlowerStep) {
  double last = 0;
  for (const double spread : {0.0, 0.3, 0.6}) {
    const Json summary = summary_of(simulated(spread));
    const double balanced = summary["balanced_routing"]["step_time_s"].get<double>();
    EXPECT_DOUBLE_EQ(cost(summary), summary["step_time_s"].get<double>() / balanced - 1);
    EXPECT_GT(cost(summary), last);
    last = cost(summary);
  }
}

/// Without topics and with 4,096 tokens a rank only the choices' own noise is left: 1.3 % of the fullest
/// rank, under 1 % of a step.
TEST(SimulatedRouting, WithoutTopicsIsNearlyBalanced) {
  const Json summary = summary_of(simulated(0));
  EXPECT_LT(cost(summary), 0.01);
  EXPECT_NEAR(summary["expert_load"]["nodes_per_token"].get<double>(), 3.96, 0.03);
}

TEST(SimulatedRouting, UnbalancedPopularityCostsMore) {
  const V3Step settled =
      simulated(0.2).set("/routing/affinity/popularity", R"({"law": "logit_normal", "sigma": 0.2})");
  V3Step none = settled;
  none.set("/routing/balancing", "none");
  EXPECT_GT(cost(summary_of(none)), 2 * cost(summary_of(settled)));
}

TEST(SimulatedRouting, LongerDocumentsCostMore) {
  V3Step shorter = simulated(0.5);
  shorter.set("/routing/affinity/topics/tokens_per_document", "512");
  EXPECT_LT(cost(summary_of(shorter)), 0.6 * cost(summary_of(simulated(0.5))));
}

/// A document is no longer than a sequence.
TEST(SimulatedRouting, DocumentsEndWithTheirSequence) {
  V3Step longer = simulated(0.5);
  longer.set("/routing/affinity/topics/tokens_per_document", "100000");
  EXPECT_EQ(summary_of(longer)["step_time_s"], summary_of(simulated(0.5))["step_time_s"]);
}

/// Half the choices of a token are half the draws that even out.
TEST(SimulatedRouting, FewerChoicesAreLessEven) {
  const auto load = [](int top_k) {
    return routed_load(simulated(0).model([&](ModelSpec& model) { model.top_k = top_k; }).inputs(),
                       simulated(0).scenario().routing)
        .rank_max_over_mean;
  };
  EXPECT_GT(load(4), load(8));
}

/// Every GPU has its rank's place in the profile; the step is that of representatives and longer than
/// the balanced one.
TEST(SimulatedRouting, EveryGpuHasAPlaceInTheProfile) {
  const V3Step step = simulated(0.5);
  V3Step every = step;
  every.set("/gpus", "\"every\"").set("/engine", "\"replay\"");
  const TrainingInputs inputs = every.inputs();
  NullSink sink;
  const auto replayed = replay_step(inputs, 2, sink);
  const RoutedLoad& fullest = replayed->step.loads.fullest();
  std::vector<double> loads;
  for (std::size_t i = 0; i < 64; ++i) loads.push_back(replayed->input.gpus[i].expert_load);
  std::sort(loads.begin(), loads.end());
  EXPECT_EQ(loads, fullest.rank_profile);
  const double representative = step.seconds();
  EXPECT_NEAR(replayed->result.makespan_s, representative, 0.005 * representative);
  const Json summary = whole_summary(inputs, *replayed);
  const double balanced = summary["balanced_routing"]["step_time_s"].get<double>();
  EXPECT_EQ(balanced, replayed_seconds(inputs, {.expert_load = false}, 1));
  EXPECT_GT(cost(summary), 0);
  EXPECT_DOUBLE_EQ(cost(summary), replayed->result.makespan_s / balanced - 1);
}

TEST(SimulatedRouting, SummariesSayWhatIsKnown) {
  const Json summary = summary_of(simulated(0.5));
  const Json& load = summary["expert_load"];
  EXPECT_EQ(load["max_over_mean_by_layer"].size(), 2u);
  EXPECT_LT(load["rank"]["p10"], load["max_over_mean"]);
  EXPECT_GT(load["rank"]["p90"], load["max_over_mean"]);
  EXPECT_LT(load["node_max_over_mean"], load["nic_max_over_mean"]);
  EXPECT_THAT(simulated(0.5).inputs().warnings, testing::Contains(HasSubstr("routing is simulated")));
}

TEST(SimulatedRouting, NumbersOfAffinityAreVaried) {
  const TrainingInputs inputs = simulated(0.5).inputs();
  const std::vector<VariedInput> all = varied_inputs(inputs);
  std::size_t spread = all.size();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].name == "routing.affinity.topics.spread") spread = i;
    EXPECT_NE(all[i].name, "routing.rank_max_over_mean");
  }
  ASSERT_LT(spread, all.size());
  const TrainingInputs more = with_values(inputs, {{spread, 0.6}});
  EXPECT_EQ(more.routed->mean().rank_max_over_mean,
            simulated(0.6).inputs().routed->mean().rank_max_over_mean);
}

/// Capacity 1 without padding cuts the profile: what is above the mean is dropped.
TEST(SimulatedRouting, ACapacityCutsTheProfile) {
  V3Step limited = simulated(0.5);
  limited.set("/recipe/capacity_factor", "1");
  const TrainingInputs inputs = limited.inputs();
  const RoutedLoad load = routed_load(inputs, inputs.scenario.routing);
  EXPECT_GT(load.dropped_fraction, 0.01);
  EXPECT_LT(load.rank_max_over_mean, inputs.routed->mean().rank_max_over_mean);
}

/// A recording of four tokens for each of 64 ranks; rank 5 has every choice of layer 0.
void write_recording(const std::filesystem::path& path, int num_layers, int top_k, int num_tokens) {
  ExpertIdsWriter writer(path, {num_layers, top_k, 256}, num_tokens);
  std::vector<std::uint16_t> ids;
  for (int token = 0; token < num_tokens; ++token) {
    for (int layer = 0; layer < num_layers; ++layer) {
      for (int k = 0; k < top_k; ++k)
        ids.push_back(static_cast<std::uint16_t>((token * top_k + k + layer) % 256));
    }
  }
  writer.add(ids);
  writer.commit();
}

V3Step recorded(const std::filesystem::path& path, const char* key = "ids") {
  V3Step step = V3Step::plain();
  step.set("/recipe/sequence_length", "16");
  step.set("/routing",
           fmt::format(R"({{"mode": "recorded", "recorded": {{"{}": "{}"}}}})", key, path.string()));
  return step;
}

/// Consecutive ids reach every rank alike.
TEST(RecordedRouting, OfEvenIdsIsBalanced) {
  const OwnFile file("even.npy");
  write_recording(file.path(), 58, 8, 64 * 16 * 2);
  const TrainingInputs inputs = recorded(file.path()).inputs();
  ASSERT_EQ(inputs.routed->distinct().size(), 58u);
  EXPECT_NEAR(inputs.routed->mean().rank_max_over_mean, 1, 1e-12);
  EXPECT_NEAR(inputs.routed->mean().ranks_per_token, 2.5, 0.5);  // eight experts in a row
  EXPECT_THAT(inputs.warnings, testing::Contains(HasSubstr("routing is recorded")));
}

std::string fault_of(const V3Step& step) {
  try {
    (void)step.inputs();
  } catch (const PlanError& error) {
    return error.violations.front().pointer + ": " + error.violations.front().what;
  }
  return "no fault";
}

TEST(RecordedRouting, OfAnotherModelIsRefused) {
  const OwnFile layers("layers.npy"), choices("choices.npy"), few("few.npy");
  write_recording(layers.path(), 57, 8, 64 * 16);
  write_recording(choices.path(), 58, 6, 64 * 16);
  write_recording(few.path(), 58, 8, 64 * 16 - 1);
  EXPECT_THAT(fault_of(recorded(layers.path())), HasSubstr("/routing/recorded/ids: has 57 layers"));
  EXPECT_THAT(fault_of(recorded(choices.path())), HasSubstr("/routing/recorded/ids: has 6 experts for each"));
  EXPECT_THAT(fault_of(recorded(few.path())), HasSubstr("/routing/recorded/ids: has 1023 tokens"));
}

TEST(RecordedRouting, CountsAreReadToo) {
  const OwnFile file("counts.csv");
  ExpertCounts counts;
  counts.num_experts = 256;
  counts.steps = {0};
  for (int layer = 3; layer < 61; ++layer) counts.layers.push_back(layer);
  counts.tokens.assign(58 * 256, 10);
  counts.tokens[0] = 50;  // rank 0 of the first layer has 80 for a mean of 40 + 40 / 64
  write_expert_counts(file.path(), counts);
  const V3Step step = recorded(file.path(), "counts");
  const TrainingInputs inputs = step.inputs();
  EXPECT_NEAR(inputs.routed->of(0).rank_max_over_mean, 80 / 40.625, 1e-9);
  EXPECT_EQ(inputs.routed->of(1).rank_max_over_mean, 1);
  EXPECT_THAT(inputs.warnings, testing::Contains(HasSubstr("counts do not tell")));
}

struct Fault {
  const char* name;
  const char* routing;
  const char* pointer;
};
class RoutingFaults : public testing::TestWithParam<Fault> {};

TEST_P(RoutingFaults, AreNamedAtTheirKey) {
  try {
    V3Step step = V3Step::plain();
    (void)step.set("/routing", GetParam().routing).inputs();
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_EQ(error.pointer, GetParam().pointer);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Keys, RoutingFaults,
    testing::Values(
        Fault{"NoAffinity", R"({"mode": "simulated"})", "/routing/affinity"},
        Fault{"NoRecording", R"({"mode": "recorded"})", "/routing/recorded"},
        Fault{"NeitherIdsNorCounts", R"({"mode": "recorded", "recorded": {"layers": 58}})",
              "/routing/recorded"},
        Fault{"AffinityOfBalanced", R"({"mode": "balanced", "affinity": {}})", "/routing/affinity"},
        Fault{"LayersOfStated", R"({"mode": "stated", "layers": 2})", "/routing/layers"},
        Fault{"BalancingOfStated", R"({"mode": "stated", "balancing": "none"})", "/routing/balancing"},
        Fault{"MicroBatchesOfStated", R"({"mode": "stated", "micro_batches": 2})", "/routing/micro_batches"},
        Fault{"RecordingOfSimulated",
              R"({"mode": "simulated", "affinity": {}, "recorded": {"ids": "a.npy"}})", "/routing/recorded"},
        Fault{"StatedOfSimulated", R"({"mode": "simulated", "affinity": {}, "rank_max_over_mean": 1.2})",
              "/routing/rank_max_over_mean"},
        Fault{
            "Drift",
            R"({"mode": "simulated", "affinity": {"drift": 0.1, "popularity": {"law": "logit_normal", "sigma": 1}}})",
            "/routing/affinity/drift"},
        Fault{"Shifts", R"({"mode": "simulated", "affinity": {"shifts": [{"step": 1, "spread": 1}]}})",
              "/routing/affinity/shifts"},
        Fault{"NoNoise", R"({"mode": "simulated", "affinity": {"token_sigma": 0}})",
              "/routing/affinity/token_sigma"},
        Fault{"NoLayers", R"({"mode": "simulated", "affinity": {}, "layers": 0})", "/routing/layers"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace moesim::test
