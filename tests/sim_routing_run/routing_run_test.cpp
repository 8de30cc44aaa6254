#include "sim/routing_run/routing_run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "sim/results/memory_sink.hpp"
#include "sim/routing_run/step_series.hpp"
#include "tests/sim_routing_run/small_scenario.hpp"

namespace moesim {
namespace {

struct Ran {
  Json summary;
  MemorySink records;
  std::vector<std::string> warnings;
};

std::unique_ptr<Ran> run(const char* changes = "{}", int threads = 1) {
  const RoutingInputs inputs = load_routing(test::small_scenario(changes), test::kFile);
  auto ran = std::make_unique<Ran>();
  const RoutingResult result = run_routing(inputs, {threads, {}}, ran->records);
  ran->summary = result.account.summary();
  ran->warnings = result.warnings;
  return ran;
}

double sum(const std::vector<std::uint32_t>& tokens) {
  return std::accumulate(tokens.begin(), tokens.end(), 0.0);
}

// 1024 tokens with 6 choices each, whatever they are counted by.
TEST(RoutingRun, TokensAreConserved) {
  const auto ran = run(R"({"record": {"every": 3}})");
  for (const char* stream : {"expert_load", "gpu_load", "node_load"}) {
    const std::vector<KeptLoad>& rows = ran->records.loads().at(stream);
    ASSERT_EQ(rows.size(), 4u * 2u) << stream;  // steps 0, 3, 6, 9 of two layers
    EXPECT_EQ(rows[2].step, 3);
    EXPECT_EQ(rows[2].layer, 1);
    for (const KeptLoad& row : rows) EXPECT_EQ(sum(row.tokens), 1024 * 6) << stream;
  }
  EXPECT_EQ(ran->records.loads().at("expert_load")[0].tokens.size(), 64u);
  EXPECT_EQ(ran->records.loads().count("slot_load"), 0u);
}

TEST(RoutingRun, TheSummaryIsOfTheMeasuredSteps) {
  const auto ran = run(R"({"batch": {"measured_steps": 5}})");
  const std::vector<double>& curve = ran->records.series().at("max_violation_batch").value;
  ASSERT_EQ(curve.size(), 12u);
  const double last = std::accumulate(curve.end() - 5, curve.end(), 0.0) / 5;
  EXPECT_NEAR(ran->summary["max_violation_batch"].get<double>(), last, 1e-12);
  EXPECT_LT(ran->summary["max_violation_global"].get<double>(), last);
  EXPECT_EQ(ran->summary["imbalance"]["expert"], ran->summary["max_violation_batch"]);
  EXPECT_EQ(ran->summary["dropped_fraction"], 0);
}

// Threads only take turns; every record and curve has the same bits.
TEST(RoutingRun, TheSameBitsOnAnyNumberOfThreads) {
  const char* changes =
      R"({"batch": {"tokens": 8192, "steps": 4, "measured_steps": 2}, "record": {"traffic_every": 2},
    "routing": {"losses": {"expert": 0.01}, "dynamics": "functional", "capacity": {"rule": "expert", "factor": 1}}})";
  const auto one = run(changes, 1);
  const auto three = run(changes, 3);
  EXPECT_EQ(one->summary.dump(), three->summary.dump());
  for (const auto& [stream, rows] : one->records.loads()) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(rows[i].tokens, three->records.loads().at(stream).at(i).tokens) << stream;
    }
  }
  EXPECT_GT(one->summary["dropped_fraction"].get<double>(), 0.05);
  EXPECT_GT(one->summary["losses"]["expert"].get<double>(), 0.01);
}

// Inside one node nothing crosses a NIC; over two nodes every token reaches both, nearly always.
TEST(RoutingRun, TrafficIsCountedByLinkClass) {
  const auto inside = run(R"({"record": {"traffic_every": 4}, "batch": {"measured_steps": 5}})");
  const Json& one = inside->summary["traffic"];
  EXPECT_EQ(one["dispatch_per_token_B"]["nic"], 0);
  EXPECT_EQ(one["nodes_per_token"], 1);
  const std::vector<KeptLoad>& rows = inside->records.loads().at("gpu_traffic");
  ASSERT_EQ(rows.size(), 3u * 2u);
  EXPECT_EQ(rows[0].tokens.size(), 64u);
  const auto across = run(R"({"record": {"traffic_every": 4}, "placement": {"ep": 16},
    "batch": {"measured_steps": 5}})");
  const Json& two = across->summary["traffic"];
  EXPECT_GT(two["nodes_per_token"].get<double>(), 1.5);
  EXPECT_NEAR(two["dispatch_per_token_B"]["nic"].get<double>(),
              (two["nodes_per_token"].get<double>() - 1) * two["copy_B"].get<double>(), 0.05 * 2200);
}

TEST(RoutingRun, EplbMovesWeightsAndEvensTheGpus) {
  const char* base = R"({"batch": {"measured_steps": 4}})";
  const auto eplb = run(R"({"batch": {"measured_steps": 4}, "placement": {"strategy": "eplb",
    "redundant_experts": 8, "replan_every": 4}})");
  EXPECT_LT(eplb->summary["imbalance"]["rank"].get<double>(),
            run(base)->summary["imbalance"]["rank"].get<double>() / 2);
  EXPECT_EQ(eplb->summary["replanning"]["plans"], 3);
  EXPECT_GT(eplb->summary["replanning"]["moved_B"].get<double>(), 0);
  EXPECT_GT(eplb->summary["replanning"]["move_time_s"].get<double>(), 0);
  EXPECT_EQ(eplb->records.series().at("replan.moved_B").time_s, (std::vector<double>{3, 7, 11}));
  EXPECT_EQ(eplb->records.loads().at("slot_load")[0].tokens.size(), 72u);
}

// Planned after 4 and 8 of 12 steps; 72 slots of 8 GPUs, of rounded tokens.
TEST(RoutingRun, TheWhatIfIsRecordedOnceItHasAPlan) {
  const auto ran = run(R"({"placement": {"what_if": {"redundant_experts": 8, "replan_every": 4}}})");
  const auto& loads = ran->records.loads();
  const std::vector<KeptLoad>& slots = loads.at("slot_load_after_eplb");
  const std::vector<KeptLoad>& gpus = loads.at("gpu_load_after_eplb");
  ASSERT_EQ(slots.size(), 8u * 2u);
  ASSERT_EQ(gpus.size(), 8u * 2u);
  EXPECT_EQ(slots[0].step, 4);
  EXPECT_EQ(slots[0].tokens.size(), 72u);
  EXPECT_EQ(gpus[0].tokens.size(), 8u);
  EXPECT_NEAR(sum(gpus[0].tokens), 1024 * 6, 4);
  EXPECT_LT(std::ranges::max(gpus[0].tokens), std::ranges::max(loads.at("gpu_load")[8].tokens));
  EXPECT_EQ(run()->records.loads().count("slot_load_after_eplb"), 0u);
}

// Zipf of exponent 1/2: the expert of rank r gets r^-1/2 / sum of all choices. A layer chooses 73,728 times,
// 630 times or more each expert: 4 % of sampling noise, and of as much again from solving.
TEST(RoutingRun, StatedSharesAreSolvedForTheGate) {
  const auto ran = run(R"({"affinity": {"popularity": {"law": "zipf", "exponent": 0.5, "sigma": null}}})");
  for (const std::string& warning : ran->warnings) ADD_FAILURE() << warning;
  for (const int layer : {1, 14}) {
    std::vector<double> chosen(64, 0.0);
    for (const KeptLoad& row : ran->records.loads().at("expert_load")) {
      for (std::size_t e = 0; row.layer == layer && e < 64; ++e) chosen[e] += row.tokens[e];
    }
    std::ranges::sort(chosen, std::greater<>());
    double sum_of_ranks = 0;
    for (int rank = 1; rank <= 64; ++rank) sum_of_ranks += 1 / std::sqrt(rank);
    for (int rank = 1; rank <= 64; ++rank) {
      const double share = 1 / std::sqrt(rank) / sum_of_ranks;
      const double is = chosen[static_cast<std::size_t>(rank) - 1] / (12 * 1024 * 6);
      EXPECT_NEAR(is / share, 1, 0.1) << "layer " << layer << ", rank " << rank;
    }
  }
}

// A zipf of exponent 3 states 83 % of the choices for one expert, which gets a sixth of them at most.
TEST(RoutingRun, SharesThatTheGateCannotGiveAreTold) {
  const auto ran = run(R"({"affinity": {"popularity": {"law": "zipf", "exponent": 3, "sigma": null}}})");
  ASSERT_FALSE(ran->warnings.empty());
  EXPECT_NE(ran->warnings[0].find("exceed what an expert can get"), std::string::npos);
}

TEST(RoutingRun, ADriftBeyondTheSpreadIsAFaultOfTheScenario) {
  try {
    run(R"({"affinity": {"popularity": {"law": "lognormal", "sigma": 0.1}, "drift": 1}})");
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_EQ(error.pointer, "/affinity/drift");
    EXPECT_EQ(error.file, test::kFile);
  }
}

TEST(RoutingRun, ProgressEndsAtOne) {
  const RoutingInputs inputs = load_routing(test::small_scenario(), test::kFile);
  NullSink sink;
  std::vector<double> seen;
  run_routing(inputs, {1, [&](double fraction) { seen.push_back(fraction); }}, sink);
  EXPECT_EQ(seen.size(), 12u);
  EXPECT_EQ(seen.back(), 1);
}

/// Counts the points of the greatest part.
class PartSizes final : public RecordSink {
 public:
  using RecordSink::add;
  void add(const Span&) override {}
  void add(const Series& part) override {
    greatest = std::max(greatest, part.value.size());
    total += part.value.size();
  }
  std::size_t greatest = 0, total = 0;
};

TEST(StepSeries, HoldsOnlyAPart) {
  PartSizes sink;
  StepSeries series(sink);
  for (std::int64_t step = 0; step < 2000; ++step) series.add("x", "", step, 0);
  series.flush();
  EXPECT_EQ(sink.total, 2000u);
  EXPECT_EQ(sink.greatest, StepSeries::kPartPoints);
}

}  // namespace
}  // namespace moesim
