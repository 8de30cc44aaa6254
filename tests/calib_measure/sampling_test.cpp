#include "calib/measure/sampling.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/error.hpp"

namespace moesim {
namespace {

/// Gives samples from a list, the last one for ever, and a clock that moves with them.
struct Script {
  std::vector<Sample> samples;
  Seconds per_sample{1e-3};
  std::size_t taken = 0;
  std::vector<double> rests{};  ///< in milliseconds

  SampledTimes run(TimingRegime regime, const StoppingRule& rule, const ClockGate& gate = {}) {
    return sample_until_enough(regime, rule, gate,
                               {[this] { return samples[std::min(taken++, samples.size() - 1)]; },
                                [this] { return static_cast<double>(taken) * per_sample; },
                                [this](Seconds time) { rests.push_back(time.value() * 1e3); }});
  }
};

std::vector<Sample> noisy(std::size_t count) {
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < count; ++i) samples.push_back({Seconds(i % 2 == 0 ? 1.0 : 2.0), 0, 0});
  return samples;
}

TEST(StoppingRule, SteadySamplesEndWhenTheyAreFirstJudged) {
  Script script{{{Seconds(1e-4), 0, 0}}};
  EXPECT_EQ(script.run(TimingRegime::cold, {}).summary.num_samples, 20U);
}

TEST(StoppingRule, TheErrorIsJudgedAtDoublingCountsOnly) {
  const StoppingRule rule;
  std::vector<double> samples;
  std::vector<std::size_t> ends;
  for (std::size_t count = 1; count < 200; ++count) {
    samples.push_back(1e-4);
    if (is_enough(rule, samples, Seconds(0.0))) ends.push_back(count);
  }
  EXPECT_EQ(ends, (std::vector<std::size_t>{20, 40, 80, 160}));
}

TEST(StoppingRule, NoiseEndsByTimeOrByNumber) {
  Script by_time{noisy(400)};                                           // 0.25 s at 1 ms each
  EXPECT_EQ(by_time.run(TimingRegime::cold, {}).samples.size(), 200U);  // the number comes first
  by_time = {noisy(400), Seconds(5e-3)};
  EXPECT_EQ(by_time.run(TimingRegime::cold, {}).samples.size(), 50U);
}

TEST(StoppingRule, SlowCallsAreTakenTheLeastNumberOfTimes) {
  Script script{noisy(400), Seconds(1.0)};
  EXPECT_EQ(script.run(TimingRegime::cold, {}).samples.size(), 10U);
}

TEST(StoppingRule, SustainedRunsForItsTimeAndCountsItsEnd) {
  // Ten milliseconds a sample: 200 of them; the last 50 are slower than the burst before.
  std::vector<Sample> samples(150, Sample{Seconds(1.0), 1980, 1980});
  samples.resize(200, Sample{Seconds(1.5), 1980, 1500});
  Script script{samples, Seconds(10e-3)};
  const SampledTimes times =
      script.run(TimingRegime::sustained, stopping_rule(TimingRegime::sustained, Seconds(0.05)));
  EXPECT_EQ(times.samples.size(), 200U);
  EXPECT_EQ(times.summary.num_samples, 50U);
  EXPECT_EQ(times.summary.median, 1.5);
  EXPECT_EQ(times.clock_after_mhz, 1500);
}

TEST(ClockGate, RepeatsWhatRanBelowItsShareOfTheClock) {
  const ClockGate gate{1980, 0.9, 3};
  EXPECT_TRUE(gate.accepts({Seconds(1), 1800, 1790}));
  EXPECT_FALSE(gate.accepts({Seconds(1), 1800, 1780}));
  EXPECT_FALSE(gate.accepts({Seconds(1), 1700, 1980}));
  EXPECT_TRUE(gate.accepts({Seconds(1), 0, 0})) << "an unknown clock is not held against a sample";
  EXPECT_TRUE(ClockGate{}.accepts({Seconds(1), 100, 100}));
}

TEST(ClockGate, RepeatsAreBoundedAndCounted) {
  Script script{{{Seconds(9), 1000, 1000}, {Seconds(1), 1980, 1980}}};
  SampledTimes times = script.run(TimingRegime::cold, {}, {1980, 0.9, 3});
  EXPECT_EQ(times.num_repeated, 1U);
  EXPECT_EQ(times.num_low_clock, 0U);
  EXPECT_EQ(times.samples, std::vector<double>(20, 1.0));
  Script low{{{Seconds(9), 1000, 1000}}};
  times = low.run(TimingRegime::cold, {}, {1980, 0.9, 3});
  EXPECT_EQ(times.num_repeated, 3U);
  EXPECT_EQ(times.num_low_clock, 20U);
}

TEST(ClockGate, ADeviceRestsAsLongAsASampleTookAndLongerBeforeEachRepeat) {
  std::vector<Sample> samples(6, Sample{Seconds(9), 1000, 1000});
  samples.push_back({Seconds(1), 1980, 1980});
  Script script{samples};
  const SampledTimes times = script.run(TimingRegime::cold, {}, {1980, 0.9, 8});
  EXPECT_EQ(times.num_repeated, 6U);
  ASSERT_EQ(script.rests.size(), 6U + 20U);
  EXPECT_EQ(std::vector<double>(script.rests.begin(), script.rests.begin() + 6),
            (std::vector<double>{10, 20, 40, 80, 80, 80}));
  for (std::size_t i = 6; i < script.rests.size(); ++i) EXPECT_NEAR(script.rests[i], 1, 1e-9);
}

TEST(ClockGate, WithoutAGateNothingRests) {
  Script script{{{Seconds(1), 1000, 1000}}};
  script.run(TimingRegime::cold, {});
  EXPECT_TRUE(script.rests.empty());
}

TEST(StoppingRule, RestsAreNotCounted) {
  Script by_time{noisy(400), Seconds(5e-3)};
  by_time.run(TimingRegime::cold, {}, {1980, 0.9, 8});
  EXPECT_EQ(by_time.taken, 50U);
}

TEST(Sampling, ATimeThatIsNotAboveZeroIsAnError) {
  Script script{{{Seconds(0.0), 0, 0}}};
  EXPECT_THROW(script.run(TimingRegime::cold, {}), RunError);
  script = {{{Seconds(-1e-6), 0, 0}}};
  EXPECT_THROW(script.run(TimingRegime::graph, {}), RunError);
}

}  // namespace
}  // namespace moesim
