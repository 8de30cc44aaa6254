#include <gtest/gtest.h>

#include <cmath>

#include "base/math.hpp"
#include "base/random.hpp"
#include "tests/sim_serving_batching/unit_world.hpp"

namespace moesim {
namespace {

using test::unit_spec;
using test::work;

double exponential(RandomStream& stream, double mean) {
  return -mean * log_det(stream.uniform_open());
}

/// Mean wait of prompts before one server that takes 1 ms a token, one prompt at a time; `tokens` is drawn
/// for each. Poisson arrivals at `rate`.
template <class Tokens>
double mean_wait(double rate, int requests, const Tokens& tokens) {
  UnitSpec spec = unit_spec(PoolRole::prefill, 1, [](const StepBatch& b) { return 1e-3 * b.prompt_tokens; });
  spec.batching.chunked_prefill = false;
  spec.batching.token_budget = 1;  // every prompt is longer, so it is alone
  ServingUnit unit(spec);
  RandomStream gaps(1, 1);
  RandomStream lengths(1, 2);
  std::vector<UnitEvent> events;
  double time = 0;
  for (int i = 0; i < requests; ++i) {
    time += exponential(gaps, 1 / rate);
    unit.advance(time, events);
    unit.submit(time, work(i, tokens(lengths), 1));
    events.clear();
  }
  unit.advance(1e9, events);
  EXPECT_EQ(unit.totals().completed, requests);
  return unit.totals().waiting_seconds / requests;
}

TEST(Queueing, ConstantServiceWaitsAsMD1) {
  // Pollaczek-Khinchine: rho s / (2 (1 - rho)) = 0.7 * 1 / 0.6 with s = 1 s.
  const double wait = mean_wait(0.7, 1000000, [](RandomStream&) { return 1000; });
  EXPECT_NEAR(wait, 0.7 / 0.6, 0.02 * 0.7 / 0.6);
  RecordProperty("error", std::to_string(wait / (0.7 / 0.6) - 1));
}

TEST(Queueing, ExponentialServiceWaitsAsMM1) {
  // rho s / (1 - rho) with s = 1 s, cut to milliseconds.
  const double wait = mean_wait(0.7, 2000000, [](RandomStream& stream) {
    return static_cast<std::int64_t>(std::llround(exponential(stream, 1000) + 0.5));
  });
  EXPECT_NEAR(wait, 0.7 / 0.3, 0.02 * 0.7 / 0.3);
  RecordProperty("error", std::to_string(wait / (0.7 / 0.3) - 1));
}

TEST(Queueing, DecodingFollowsLittlesLaw) {
  // Steps of 10 ms whatever the batch, 100 to 300 tokens: nobody waits, so the mean number of sequences is
  // the arrival rate times the time of (tokens - 1) steps, and half a step until the next iteration starts.
  ServingUnit unit(unit_spec(PoolRole::decode, 8, [](const StepBatch&) { return 0.01; }));
  RandomStream stream(3, 1);
  std::vector<UnitEvent> events;
  constexpr double kRate = 400;
  constexpr int kRequests = 200000;
  double time = 0;
  double tokens = 0;
  for (int i = 0; i < kRequests; ++i) {
    time += exponential(stream, 1 / kRate);
    const auto output = static_cast<std::int64_t>(101 + stream.below(201));
    tokens += static_cast<double>(output - 1);
    unit.submit(time, work(i, 1000, output, 1));
  }
  unit.advance(time, events);
  const double mean_sequences = unit.take_totals().sequence_seconds / time;
  const double expected = kRequests / time * 0.01 * tokens / kRequests;
  EXPECT_NEAR(mean_sequences, expected, 0.005 * expected);  // ends of the run: 2 s of 500
  unit.advance(1e9, events);
  EXPECT_TRUE(unit.idle());
}

}  // namespace
}  // namespace moesim
