#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/error.hpp"
#include "sim/serving/fleet/unit_speed.hpp"
#include "tests/sim_serving_fleet/fleet_world.hpp"

namespace moesim::test {
namespace {

void expect_all_accounted(const Played& played) {
  const FleetResult& result = played.result;
  EXPECT_EQ(result.arrived, result.completed + result.rejected + result.in_flight);
  std::set<std::int64_t> seen;
  for (const RequestRecord& record : played.held.records) {
    EXPECT_TRUE(seen.insert(record.id).second) << "request " << record.id << " twice";
    if (record.rejected) continue;
    EXPECT_LE(record.arrival_s, record.start_s);
    EXPECT_LT(record.arrival_s, record.first_token_s);
    EXPECT_LE(record.first_token_s, record.end_s);
  }
}

TEST(Fleet, PlaysEveryRequestOfASplitFleet) {
  const Played played = play(split_fleet({.rate = 50, .count = 3000}));
  expect_all_accounted(played);
  EXPECT_EQ(played.result.completed, 3000);
  EXPECT_EQ(played.result.in_flight, 0);
  ASSERT_EQ(played.result.pools.size(), 2U);
  // The first token of each of 3000 requests of 10 comes from the prefill pool.
  EXPECT_NEAR(played.result.pools[0].totals.output_tokens, 3000 * 9, 1e-6);
  EXPECT_NEAR(played.result.pools[1].totals.input_tokens, 3000 * 100, 1e-6);
  EXPECT_NEAR(played.result.pools[0].nodes_mean, 2, 1e-9);
}

TEST(Fleet, OneRequestAloneTakesItsStepsItsTransferAndTheOverhead) {
  FleetScenario scenario = split_fleet({.rate = 1, .count = 1});
  for (FleetPool& pool : scenario.pools) pool.request_overhead_s = 0.2;
  const RequestRecord record = play(scenario).held.records.at(0);
  // Prompt: 5 ms + 100 us. Then 7 MB at 25 GB/s and 10 us, then 9 steps of 5.02 ms.
  EXPECT_NEAR(record.ttft_s(), 0.2 + 5.1e-3, 1e-6);
  EXPECT_NEAR(record.e2e_s(), 0.2 + 5.1e-3 + 7e6 / 25e9 + 1e-5 + 9 * 5.02e-3, 1e-6);
}

TEST(Fleet, LittlesLawHolds) {
  FleetScenario scenario = split_fleet({.rate = 60, .output = 100, .spread = true});
  scenario.workload.duration = Seconds(1000);
  scenario.policy.warm_up = Seconds(50);
  const Played played = play(scenario);
  const PoolResult& decode = played.result.pools[0];
  // Streams on average = rate x mean time from the second token's step on.
  double stay = 0;
  double last = 0;
  for (const RequestRecord& record : played.held.records) {
    if (!record.measured) continue;
    stay += record.end_s - record.first_token_s;
    last = std::max(last, record.arrival_s);
  }
  EXPECT_NEAR(decode.measured_s, 950, 1e-6);
  EXPECT_NEAR(decode.totals.sequence_seconds / 950, stay / 950, 0.02 * stay / 950);
}

TEST(Fleet, LeastLoadedWaitsForLessThanTurns) {
  // Every fourth prompt is long, so turns put all long ones on one of four units.
  FleetScenario scenario = fleet({pool("prefill", PoolRole::prefill, 4)}, {});
  scenario.open = [](double) {
    OpenedWorkload opened;
    opened.source = std::make_unique<SourceOf>([](std::int64_t i, Request& request) {
      request.arrival_s = static_cast<double>(i) * 1e-3;
      request.input_tokens = i % 4 == 0 ? 20000 : 1000;
      request.output_tokens = 1;
      return i < 5000;
    });
    return opened;
  };
  const double least = play(scenario).held.mean_ttft();
  scenario.policy.arrival_routing = ArrivalRouting::round_robin;
  const double turns = play(scenario).held.mean_ttft();
  EXPECT_LT(least, 0.9 * turns);
}

TEST(Fleet, UnlikeUnitsAreLoadedInTimeNotInCounts) {
  FleetPool fast = pool("fast", PoolRole::prefill, 1);
  FleetPool slow = pool("slow", PoolRole::prefill, 1);
  const auto law = [](double per_token) {
    return [per_token](const StepBatch& batch) { return 1e-3 + per_token * batch.prompt_tokens_max; };
  };
  fast.unit.costs = std::make_shared<CostsOf>(law(1e-6));
  slow.unit.costs = std::make_shared<CostsOf>(law(3e-6));
  const Played played = play(fleet({fast, slow}, {.rate = 2000, .input = 2000, .count = 40000}));
  const double ratio =
      played.result.pools[0].totals.input_tokens / played.result.pools[1].totals.input_tokens;
  EXPECT_NEAR(ratio, 3, 0.5);
}

TEST(Fleet, LongPromptsCountForTheirAttention) {
  FleetPool prefill = pool("prefill", PoolRole::prefill, 1);  // 4 ranks of 8,192 tokens
  prefill.unit.costs = std::make_shared<CostsOf>([](const StepBatch& batch) {
    return 8.192e-3 + 1e-6 * batch.prompt_tokens_max + 1e-10 * batch.prompt_pairs_max;
  });
  // A rank takes 2 us a token at full budgets and 0.1 ns a pair, and there are four of them.
  const UnitSpeed speed = unit_speed(prefill);
  EXPECT_NEAR(speed.prompt_s(1000, 0), (2e-3 + 0.5e6 * 1e-10) / 4, 1e-9);
  EXPECT_NEAR(speed.prompt_s(1000, 50000), (2e-3 + 50.5e6 * 1e-10) / 4, 1e-9);
}

TEST(Fleet, RejectsWhatNeverFits) {
  FleetScenario scenario = split_fleet({.rate = 50, .count = 200});
  scenario.open = [](double) {
    OpenedWorkload opened;
    opened.source = std::make_unique<SourceOf>([](std::int64_t i, Request& request) {
      request.arrival_s = static_cast<double>(i);
      request.input_tokens = i % 2 == 0 ? 100 : 4096 * 64 + 1;  // one rank holds 4096 blocks of 64
      request.output_tokens = 5;
      return i < 100;
    });
    return opened;
  };
  const Played played = play(scenario);
  expect_all_accounted(played);
  EXPECT_EQ(played.result.rejected, 50);
  EXPECT_EQ(played.result.completed, 50);
  scenario.pools[0].spec.max_context = 50;
  EXPECT_EQ(play(scenario).result.rejected, 100);
}

TEST(Fleet, RefusesPoolsWithoutCapacityWithEveryFault) {
  FleetScenario scenario = split_fleet({});
  scenario.pools[0].unit.kv_blocks = 0;
  scenario.pools[1].spec.units = 0;
  try {
    play(scenario);
    FAIL() << "not refused";
  } catch (const PlanError& error) {
    EXPECT_EQ(error.violations.size(), 2U);
    EXPECT_EQ(error.violations[0].pointer, "/deployment/decode");
    EXPECT_EQ(error.violations[1].pointer, "/deployment/prefill/units");
  }
}

TEST(Fleet, KvCachesShareTheNicOfTheirSender) {
  // 70 MB each at 4 x 0.05 GB/s: 0.35 s of the unit's NICs a request, 1.4 s on a GPU's own.
  FleetScenario scenario = split_fleet({.rate = 2, .input = 1000, .output = 2, .count = 400});
  const auto stay = [](const RequestRecord& record) { return record.end_s - record.first_token_s; };
  const double fast = play(scenario).held.mean(stay);
  for (FleetPool& pool : scenario.pools) pool.nic_bytes_per_s = 0.05e9;
  const double slow = play(scenario).held.mean(stay);
  EXPECT_LT(fast, 0.02);
  EXPECT_GT(slow, 1.4);
}

TEST(Fleet, DecodeWithoutRoomHoldsPromptsBack) {
  FleetScenario scenario = split_fleet({.rate = 200, .input = 1000, .output = 200, .count = 3000});
  scenario.pools[0].spec.units = 1;
  scenario.pools[0].unit.batching.max_batch = 8;
  const Played played = play(scenario);
  expect_all_accounted(played);
  EXPECT_EQ(played.result.completed, 3000);
  // 32 streams of 199 steps of 5.16 ms: 31 requests/s, so the last ones wait for over a minute.
  EXPECT_GT(played.held.records.back().e2e_s(), 60);
}

class HeldSpans : public RecordSink {
 public:
  using RecordSink::add;
  void add(const Span& span) override { spans.push_back(span); }
  std::vector<Span> spans;
};

TEST(RequestSpans, FillTheTimeOfEachRequestAndNeverOverlapInARow) {
  FleetScenario scenario = split_fleet({.rate = 50, .count = 300});
  Held held;
  HeldSpans sink;
  run_fleet(scenario, {}, held, sink);
  std::map<int, std::vector<Span>> rows;
  double sum = 0;
  for (const Span& span : sink.spans) {
    rows[span.gpu].push_back(span);
    sum += span.end_s - span.start_s;
  }
  double stay = 0;
  for (const RequestRecord& record : held.records) stay += record.e2e_s();
  EXPECT_NEAR(sum, stay, 1e-9 * stay);
  for (auto& [row, spans] : rows) {
    std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.start_s < b.start_s; });
    for (std::size_t i = 1; i < spans.size(); ++i) EXPECT_LE(spans[i - 1].end_s, spans[i].start_s + 1e-12);
  }
}

}  // namespace
}  // namespace moesim::test
