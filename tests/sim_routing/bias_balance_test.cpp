#include "sim/routing/bias_balance.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <array>
#include <stdexcept>

namespace moesim {
namespace {

struct Example : BiasSchedule {};

const Spec<Example>& spec_of(const Example*) {
  static const Spec<Example> spec = [] {
    Spec<Example> s("example", "A spec that states a bias schedule.");
    return add_bias_fields(s);
  }();
  return spec;
}

Example read(const std::string& text) {
  return read_spec<Example>(parse_json(text, "example.json"), "example.json");
}

/// Mean 10: one expert lacks 4, one has 4 too many, one has its share.
TEST(UpdateBias, BySignMovesEveryExpertByTheSpeed) {
  std::array<float, 3> bias{0, 0, 0.5F};
  update_bias(BiasRule::sign, 0.001, std::array{6.0, 14.0, 10.0}, bias);
  EXPECT_EQ(bias[0], 0.001F);
  EXPECT_EQ(bias[1], -0.001F);
  EXPECT_EQ(bias[2], 0.5F);
}

TEST(UpdateBias, ProportionallyMovesByWhatIsLackingOverTheMean) {
  std::array<float, 3> bias{0, 0, 0.5F};
  update_bias(BiasRule::proportional, 0.01, std::array{6.0, 14.0, 10.0}, bias);
  EXPECT_FLOAT_EQ(bias[0], 0.004F);
  EXPECT_FLOAT_EQ(bias[1], -0.004F);
  EXPECT_EQ(bias[2], 0.5F);
}

/// A mean of 160 experts is no binary fraction of their sum, yet equal loads are equal.
TEST(UpdateBias, EqualLoadsMoveNothing) {
  std::vector<float> bias(160, 0.25F);
  for (const double tokens : {1.0, 7.0, 614.0, 1e9 + 7}) {
    update_bias(BiasRule::sign, 1, std::vector<double>(160, tokens), bias);
    update_bias(BiasRule::proportional, 1, std::vector<double>(160, tokens), bias);
  }
  EXPECT_EQ(bias, std::vector<float>(160, 0.25F));
}

TEST(UpdateBias, NoLoadAndNoSpeedMoveNothing) {
  std::array<float, 2> bias{1, 2};
  update_bias(BiasRule::sign, 1, std::array{0.0, 0.0}, bias);
  update_bias(BiasRule::sign, 0, std::array{3.0, 1.0}, bias);
  EXPECT_EQ(bias, (std::array<float, 2>{1, 2}));
}

TEST(UpdateBias, DoesNotDependOnTheBatchSize) {
  for (const BiasRule rule : {BiasRule::sign, BiasRule::proportional}) {
    std::array<float, 2> small{}, large{};
    update_bias(rule, 0.01, std::array{1.0, 3.0}, small);
    update_bias(rule, 0.01, std::array{1024.0, 3072.0}, large);
    EXPECT_EQ(small, large);
  }
}

TEST(UpdateBias, NeedsABiasForEachLoad) {
  std::array<float, 2> bias{};
  EXPECT_THROW(update_bias(BiasRule::sign, 1, std::array{1.0}, bias), std::invalid_argument);
}

TEST(BiasSchedule, OneSpeedForGood) {
  const Example schedule = read(R"({"bias_update_speed": 0.001})");
  EXPECT_EQ(schedule.speed_at(0), 0.001);
  EXPECT_EQ(schedule.speed_at(1'000'000), 0.001);
}

TEST(BiasSchedule, IsFrozenAfterItsSteps) {
  const Example schedule = read(R"({"bias_update_speed": 0.001, "bias_update_steps": 100})");
  EXPECT_EQ(schedule.speed_at(99), 0.001);
  EXPECT_EQ(schedule.speed_at(100), 0);
}

TEST(BiasSchedule, PartsFollowEachOther) {
  const Example schedule = read(R"({"bias_update_speed": 0.01, "bias_update_steps": 10, "bias_update_parts":
                                    [{"speed": 0.001, "steps": 5}, {"speed": 0.0001}]})");
  EXPECT_EQ(schedule.speed_at(9), 0.01);
  EXPECT_EQ(schedule.speed_at(10), 0.001);
  EXPECT_EQ(schedule.speed_at(14), 0.001);
  EXPECT_EQ(schedule.speed_at(15), 0.0001);
  EXPECT_EQ(schedule.speed_at(1'000'000), 0.0001);
}

TEST(BiasSchedule, RefusesWhatNeverComes) {
  EXPECT_THROW(read(R"({"bias_update_parts": [{"speed": 0.1}]})"), SpecError);
  EXPECT_THROW(read(R"({"bias_update_steps": 0, "bias_update_parts": [{"speed": 0.1}, {"speed": 0.2}]})"),
               SpecError);
  EXPECT_THROW(read(R"({"bias_update_speed": -0.1})"), SpecError);
  EXPECT_THROW(read(R"({"bias_rule": "cubic"})"), SpecError);
}

}  // namespace
}  // namespace moesim
