#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

#include "base/random.hpp"
#include "sim/routing/gate.hpp"
#include "sim/routing/simd/gate_exp.hpp"

namespace moesim {
namespace {

constexpr std::size_t kTokens = 9;

struct Routed {
  RoutedTokens tokens;
  std::vector<double> sums;
};

struct Input {
  std::vector<float> logits;
  std::vector<float> bias;
  std::vector<float> uniforms;
};

Routed route(const GateSpec& spec, SimdLevel level, const Input& in) {
  Routed routed;
  // Sums that are there already grow in the order of the tokens.
  routed.sums.assign(static_cast<std::size_t>(spec.num_experts), 0.1);
  Gate(spec, level).route(in.logits, in.bias, in.uniforms, routed.tokens, routed.sums);
  return routed;
}

template <class Bits, class T>
std::vector<Bits> bits_of(const std::vector<T>& values) {
  std::vector<Bits> bits;
  for (const T value : values) bits.push_back(std::bit_cast<Bits>(value));
  return bits;
}

GateSpec spec_of(int num_experts, int top_k, int num_groups, int topk_groups, Scoring scoring,
                 GroupScore group_score) {
  GateSpec spec;
  spec.num_experts = num_experts;
  spec.top_k = top_k;
  spec.num_groups = num_groups;
  spec.topk_groups = topk_groups;
  spec.scoring = scoring;
  spec.group_score = group_score;
  spec.normalise = scoring == Scoring::sigmoid;
  spec.has_bias = true;
  spec.route_scale = 2.5;
  return spec;
}

/// Experts in whole rows of 16 and not, groups in whole rows and not, more choices than a row has lanes.
std::vector<GateSpec> shapes(Scoring scoring) {
  std::vector<GateSpec> specs;
  for (const auto& [experts, top_k] : std::vector<std::pair<int, int>>{{1, 1},
                                                                       {2, 2},
                                                                       {5, 5},
                                                                       {8, 2},
                                                                       {16, 1},
                                                                       {17, 3},
                                                                       {60, 4},
                                                                       {62, 6},
                                                                       {64, 6},
                                                                       {100, 40},
                                                                       {128, 12},
                                                                       {384, 8}}) {
    specs.push_back(spec_of(experts, top_k, 1, 1, scoring, GroupScore::none));
  }
  for (const GroupScore score : {GroupScore::best, GroupScore::sum_of_two_best}) {
    specs.push_back(spec_of(256, 8, 8, 4, scoring, score));
    specs.push_back(spec_of(160, 6, 8, 3, scoring, score));
    specs.push_back(spec_of(60, 4, 5, 2, scoring, score));
    specs.push_back(spec_of(62, 20, 2, 1, scoring, score));
    specs.push_back(spec_of(54, 6, 27, 3, scoring, score));
    specs.push_back(spec_of(256, 8, 8, 8, scoring, score));
  }
  specs.push_back(spec_of(20, 3, 20, 3, scoring, GroupScore::best));
  return specs;
}

using Draw = std::function<float(RandomStream&, std::size_t)>;

std::vector<float> drawn(const Draw& draw, std::size_t count) {
  RandomStream random(7, stream_of("gate_levels"));
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = draw(random, i);
  return values;
}

float normal(RandomStream& random, std::size_t) {
  return static_cast<float>(random.normal());
}

/// What logits and biases can be: spread, tied, all alike, sorted, vanishing, saturating, greatest of all.
const std::vector<std::pair<std::string, Draw>> kDraws{
    {"normal", normal},
    {"three values", [](RandomStream& r, std::size_t) { return static_cast<float>(r.below(3)) - 1; }},
    {"alike", [](RandomStream&, std::size_t) { return 0.25F; }},
    {"rising", [](RandomStream&, std::size_t i) { return static_cast<float>(i % 256) / 64; }},
    {"falling", [](RandomStream&, std::size_t i) { return -static_cast<float>(i % 256) / 64; }},
    {"negative", [](RandomStream& r, std::size_t i) { return -3 - std::abs(normal(r, i)); }},
    {"tiny", [](RandomStream& r, std::size_t i) { return 1e-38F * normal(r, i); }},
    {"wide", [](RandomStream& r, std::size_t i) { return 60 * normal(r, i); }},
    {"greatest", [](RandomStream& r, std::size_t) {
       return (r.below(2) == 0 ? -1.0F : 1.0F) * std::numeric_limits<float>::max();
     }}};

void expect_equal_levels(const GateSpec& spec, const Input& in) {
  const Routed scalar = route(spec, SimdLevel::scalar, in);
  for (const SimdLevel level : simd_levels()) {
    SCOPED_TRACE(name_of(level));
    const Routed routed = route(spec, level, in);
    EXPECT_EQ(routed.tokens.experts, scalar.tokens.experts);
    EXPECT_EQ(bits_of<std::uint32_t>(routed.tokens.weights), bits_of<std::uint32_t>(scalar.tokens.weights));
    EXPECT_EQ(bits_of<std::uint64_t>(routed.sums), bits_of<std::uint64_t>(scalar.sums));
  }
}

void expect_equal_on_all_inputs(GateSpec spec) {
  const auto width = static_cast<std::size_t>(spec.num_experts);
  for (const auto& [logits_name, logits] : kDraws) {
    for (const auto& [bias_name, bias] : kDraws) {
      if (bias_name == "greatest") continue;
      for (const GateFlavour flavour : {GateFlavour::reference, GateFlavour::hugging_face}) {
        SCOPED_TRACE(std::to_string(spec.num_experts) + " experts, " + std::to_string(spec.num_groups) +
                     " groups, logits " + logits_name + ", bias " + bias_name);
        spec.flavour = flavour;
        expect_equal_levels(spec, {drawn(logits, kTokens * width), drawn(bias, width), {}});
        if (testing::Test::HasFailure()) return;
      }
    }
  }
}

TEST(GateLevels, SoftmaxHasTheSameBits) {
  for (const GateSpec& spec : shapes(Scoring::softmax)) expect_equal_on_all_inputs(spec);
}

TEST(GateLevels, SigmoidHasTheSameBits) {
  for (const GateSpec& spec : shapes(Scoring::sigmoid)) expect_equal_on_all_inputs(spec);
}

TEST(GateLevels, RandomSecondHasTheSameBits) {
  GateSpec spec = spec_of(16, 2, 1, 1, Scoring::softmax, GroupScore::none);
  spec.random_second = spec.normalise = true;
  const Draw uniform = [](RandomStream& r, std::size_t) { return static_cast<float>(r.below(1024)) / 1024; };
  expect_equal_levels(spec, {drawn(normal, kTokens * 16), {}, drawn(uniform, kTokens)});
}

TEST(GateLevels, AllRefuseWhatIsNotFinite) {
  for (const Scoring scoring : {Scoring::softmax, Scoring::sigmoid}) {
    const GateSpec spec = spec_of(20, 2, 1, 1, scoring, GroupScore::none);
    for (const SimdLevel level : simd_levels()) {
      for (const std::size_t at : {0U, 15U, 19U, 39U}) {
        for (const float bad :
             {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
              std::numeric_limits<float>::quiet_NaN()}) {
          Input in{drawn(normal, 40), {}, {}};
          in.logits[at] = bad;
          EXPECT_THROW(route(spec, level, in), std::invalid_argument) << name_of(level) << " " << at;
        }
      }
    }
  }
}

TEST(GateLevels, TheNarrowestIsScalarAndTheBestIsOneOfThem) {
  EXPECT_EQ(simd_levels().front(), SimdLevel::scalar);
  EXPECT_EQ(simd_levels().back(), best_simd_level());
  EXPECT_EQ(Gate(GateSpec{}).level(), best_simd_level());
}

/// Against the exponential of double precision, over every 997th of all floats within the limits.
TEST(GateExp, StaysWithinItsError) {
  double most = 0;
  const auto last = std::bit_cast<std::uint32_t>(kGateExpLimit);
  for (std::uint32_t bits = 0; bits <= last; bits += 997) {
    for (const float sign : {-1.0F, 1.0F}) {
      const float x = sign * std::bit_cast<float>(bits);
      const double exact = std::exp(static_cast<double>(x));
      most = std::max(most, std::abs(static_cast<double>(gate_exp(x)) / exact - 1));
    }
  }
  EXPECT_LT(most, 9e-8);
}

TEST(GateExp, Limits) {
  EXPECT_EQ(gate_exp(0.0F), 1.0F);
  EXPECT_EQ(gate_exp(-0.0F), 1.0F);
  EXPECT_EQ(gate_exp(-87.31F), 0.0F);
  EXPECT_GT(gate_exp(-kGateExpLimit), 1.17549435e-38F);
  EXPECT_EQ(gate_exp(1e30F), gate_exp(kGateExpLimit));
  EXPECT_GT(1 / (1 + gate_exp(kGateExpLimit)), 1.17549435e-38F);
}

}  // namespace
}  // namespace moesim
