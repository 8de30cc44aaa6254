// Fleets of a ready scenario, sized by simulation.
#include "sim/planner/capacity/capacity.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace moesim {
namespace {

const std::string kFile = "workloads/scenarios/llama-3.1-70b-h100.json";

/// Units of 4 H100 under some 24 requests/s for a minute.
Json scenario(const std::string& patch = "{}") {
  Json document = read_json_file(kFile);
  document.merge_patch(Json::parse(
      R"({"workload": {"arrivals": {"rate_per_s": 24}, "duration": "60 s"}, "warm_up": "10 s"})"));
  document.merge_patch(Json::parse(patch));
  return document;
}

Json capacity(const Json& document, const std::string& slo, int draws = 0, int threads = 1,
              const std::vector<std::string>& axes = {}) {
  CapacityOptions options;
  options.sizing.slo = read_slo(slo, "--slo");
  options.sizing.num_draws = draws;
  options.sizing.threads = threads;
  for (const std::string& axis : axes) options.axes.push_back(read_axis(axis, "--vary"));
  return find_capacity(document, kFile, options);
}

int gpus(const Json& document, const char* level = "p90") {
  return document["summary"]["smallest"][level]["gpus"];
}

std::string fault_of(const std::function<void()>& ask) {
  try {
    ask();
  } catch (const SpecError& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was refused";
  return "";
}

std::unique_ptr<ServingInputs> loaded(const Json& document) {
  return load_serving(read_spec<ServingScenario>(document, kFile), kFile);
}

TEST(Capacity, OfOnePoolIsTheFirstOfAScanThatHolds) {
  const Json document = scenario();
  const auto slo = read_slo("ttft=1s@p99,tpot=40ms@p99", "");
  const auto inputs = loaded(document);
  const CapacityRequests requests(*inputs);
  int first = 1;
  while (first < 32 && !play_fleet(*inputs, requests, slo, {first}, 1, 1).holds) ++first;
  EXPECT_GT(first, 1);
  EXPECT_EQ(gpus(capacity(document, "ttft=1s@p99,tpot=40ms@p99")), 4 * first);
}

// What misses for certain is left early, with the same answer.
TEST(Capacity, ATraceThatSurelyMissesIsNotPlayedToItsEnd) {
  const auto inputs =
      loaded(scenario(R"({"workload": {"arrivals": null, "duration": null, "input_tokens": null,
    "output_tokens": null, "input_spread": null, "output_spread": null, "trace": "../traces/conversation-small.jsonl"}})"));
  const CapacityRequests requests(*inputs);
  ASSERT_TRUE(requests.num_requests());
  int held = 0;
  for (const char* text : {"ttft=1s@p99", "ttft=10s@p99", "tpot=20ms@p99", "tpot=30ms@p50", "e2e=60s@p99"}) {
    const auto slo = read_slo(text, "");
    for (int units = 1; units <= 8; units *= 2) {
      const bool holds = play_fleet(*inputs, requests, slo, {units}, 1, 1).holds;
      EXPECT_EQ(fleet_holds(*inputs, requests, slo, {units}), holds) << text << ", " << units;
      held += holds ? 1 : 0;
    }
  }
  EXPECT_GT(held, 0);
  EXPECT_LT(held, 20);
}

// Prompts and generation of two pools: every fleet of up to 7 by 7 units is played.
TEST(Capacity, OfTwoPoolsIsTheSmallestOfAScanThatHolds) {
  const Json document = scenario(R"({"deployment": {"node": null,
    "decode": {"role": "decode", "layout": {"gpus": 4, "tp": 4}, "precision": "fp8"},
    "prefill": {"role": "prefill", "layout": {"gpus": 8, "tp": 8}, "precision": "fp8"}}})");
  const std::string text = "ttft=800ms@p99,tpot=30ms@p99";
  const auto slo = read_slo(text, "");
  const auto inputs = loaded(document);
  const CapacityRequests requests(*inputs);
  int least = 1000;
  for (int decode = 1; decode <= 7; ++decode) {
    for (int prefill = 1; prefill <= 7; ++prefill) {
      const int sum = 4 * decode + 8 * prefill;
      if (sum < least && play_fleet(*inputs, requests, slo, {decode, prefill}, 1, 1).holds) least = sum;
    }
  }
  ASSERT_LT(least, 1000);
  EXPECT_EQ(gpus(capacity(document, text)), least);
}

TEST(Capacity, ALooserPromiseAndFasterKernelsNeverTakeMore) {
  int before = 1 << 20;
  for (const char* slo : {"tpot=25ms@p99", "tpot=30ms@p99", "tpot=40ms@p99", "tpot=40ms@p90"}) {
    const int needed = gpus(capacity(scenario(), slo));
    EXPECT_LE(needed, before) << slo;
    before = needed;
  }
  before = 0;
  for (const char* slowdown : {"0.8", "1", "1.25"}) {
    const std::string patch =
        std::string(R"({"deployment": {"node": {"kernel_slowdown": )") + slowdown + "}}}";
    const int needed = gpus(capacity(scenario(patch), "ttft=1s@p99,tpot=40ms@p99"));
    EXPECT_GE(needed, before) << slowdown;
    before = needed;
  }
}

TEST(Capacity, DrawsGiveTheSameBytesOnAnyThreads) {
  const Json one = capacity(scenario(), "ttft=1s@p99,tpot=40ms@p99", 12, 1);
  EXPECT_EQ(write_json(one), write_json(capacity(scenario(), "ttft=1s@p99,tpot=40ms@p99", 12, 2)));
  EXPECT_GE(gpus(one, "p90"), gpus(one, "p50"));
  EXPECT_EQ(one["summary"]["num_draws"], 12);
  EXPECT_GT(one["summary"]["num_drawn_inputs"], 10);
}

// A fleet of n times the units bears about n times the traffic, so the margin is at least what rounding up to
// whole units gave, and less than one more unit gives.
TEST(Capacity, TheMarginHoldsAndEndsWhereItBreaks) {
  const std::string text = "ttft=1s@p99,tpot=40ms@p99";
  const Json document = capacity(scenario(), text);
  const Json& smallest = document["summary"]["smallest"];
  const double load = smallest["margin"]["load"];
  EXPECT_GE(load, 1);
  EXPECT_FALSE(smallest["breaks_first"].is_null());
  EXPECT_EQ(smallest["breaks_first"]["pool"], "node");
  const auto inputs = loaded(scenario());
  const CapacityRequests requests(*inputs);
  const auto slo = read_slo(text, "");
  const Units units{smallest["p90"]["pools"]["node"]["units"].get<int>()};
  EXPECT_TRUE(play_fleet(*inputs, requests, slo, units, load, 1).holds);
  EXPECT_FALSE(play_fleet(*inputs, requests, slo, units, smallest["margin"]["breaking_load"], 1).holds);
}

TEST(Capacity, SmallestAndCheapestDifferWithThePrices) {
  // One pool of 8-GPU units that is dear, and alternatives of 4 GPUs at a tenth of the price.
  const std::vector<std::string> axes{
      R"(/cluster={"base":"h100-128","gpu_price":"2 $/h"},{"base":"h100-128","gpu_price":"20 $/h"})",
      "/deployment/node/layout/gpus=4,8", "/deployment/node/layout/tp=4,8"};
  const Json summary = capacity(scenario(), "tpot=40ms@p99", 0, 1, axes)["summary"];
  EXPECT_EQ(summary["variants"].size(), 8U);
  double cheapest = INFINITY;
  int smallest = 1 << 20;
  for (const Json& variant : summary["variants"]) {
    if (variant.contains("invalid")) continue;
    cheapest = std::min(cheapest, variant["cheapest"]["cost_usd_per_day"].get<double>());
    smallest = std::min(smallest, variant["smallest"]["gpus"].get<int>());
  }
  EXPECT_EQ(summary["smallest"]["p90"]["gpus"], smallest);
  EXPECT_EQ(summary["cheapest"]["p90"]["cost_usd_per_day"], cheapest);
  EXPECT_EQ(summary["cheapest"]["changes"]["/cluster"]["gpu_price"], "2 $/h");
}

// One prefill unit that computes one prompt of 2,048 tokens at a time is M/D/1: the share of requests that
// wait at most t is (1 - rho) sum over k = 0 to floor(t / s) of (rho (k - t / s))^k / k! exp(-rho (k - t /
// s)).
TEST(Capacity, OnePrefillUnitBearsWhatAQueueWithOneServerBears) {
  const auto share_within = [](double rho, double waits) {
    double sum = 0;
    for (int k = 0; k <= static_cast<int>(waits); ++k) {
      const double x = rho * (k - waits);
      sum += std::pow(x, k) / std::tgamma(k + 1) * std::exp(-x);
    }
    return (1 - rho) * sum;
  };
  const std::string pool = R"({"deployment": {"node": {"role": "prefill", "layout": {"gpus": 8, "tp": 8},
    "batching": {"token_budget": 2048, "chunked_prefill": false, "prefill_first": true}}},
    "workload": {"input_tokens": 2048, "output_tokens": 1, "input_spread": null, "output_spread": null,
                 "duration": "4000 s", "arrivals": {"process": ")";
  const auto with = [&](const char* process, double rate) {
    return scenario(pool + process + R"(", "rate_per_s": )" + std::to_string(rate) + "}}}");
  };
  const auto idle = loaded(with("constant", 0.1));
  const double seconds =
      play_fleet(*idle, CapacityRequests(*idle), read_slo("ttft=100s@p50", ""), {1}, 1, 1).targets[0].value_s;
  const double overhead = idle->pools[0]->constant_or("request_overhead", 0);
  const double service = seconds - overhead;
  const double rho = 0.7;
  double waits = 0;
  while (share_within(rho, waits) < 0.9) waits += 0.001;
  const Json busy = with("poisson", rho / service);
  const auto needed = [&](double limit) {
    const std::vector<SloTarget> slo{{SloFigure::ttft, limit, 0.9}};
    CapacityOptions options;
    options.sizing.slo = slo;
    options.sizing.num_draws = 0;
    return gpus(find_capacity(busy, kFile, options));
  };
  const double limit = seconds + waits * service;
  EXPECT_EQ(needed(1.06 * limit), 8);
  EXPECT_EQ(needed(0.94 * limit), 16);
}

TEST(Capacity, WhatCannotBeHeldIsRefusedWithWhatIsReached) {
  const std::string single = fault_of([] { capacity(scenario(), "tpot=1ms@p99"); });
  EXPECT_NE(single.find("no fleet of up to 32 x node holds it"), std::string::npos) << single;
  EXPECT_NE(single.find("tpot=1 ms@p99 reaches 0.0"), std::string::npos) << single;
  EXPECT_NE(fault_of([] {
              capacity(scenario(R"({"workload": {"arrivals": {"rate_per_s": 2400}}})"), "ttft=300ms@p99");
            }).find("ttft=0.3 s@p99"),
            std::string::npos);
  const std::string closed = R"({"workload": {"arrivals": null, "saturated": true}})";
  EXPECT_NE(fault_of([&] { capacity(scenario(closed), "ttft=1s@p99"); }).find("/workload/saturated"),
            std::string::npos);
  CapacityOptions few;
  few.sizing.slo = read_slo("ttft=1s@p99", "");
  few.sizing.num_draws = 0;
  few.sizing.gpus_max = 3;
  EXPECT_NE(fault_of([&] { find_capacity(scenario(), kFile, few); }).find("--gpus-max: 3 GPUs hold no unit"),
            std::string::npos);
  const Json training = read_json_file("workloads/scenarios/deepseek-v3-pretrain-2048xh800.json");
  EXPECT_NE(fault_of([&] { capacity(training, "ttft=1s@p99"); }).find("/kind"), std::string::npos);
  EXPECT_NE(fault_of([&] {
              capacity(scenario(R"({"deployment": {"node": {"role": "decode"}}})"), "ttft=1s@p99");
            }).find("no pool of the deployment computes prompts"),
            std::string::npos);
}

}  // namespace
}  // namespace moesim
