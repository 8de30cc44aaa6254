#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "base/random.hpp"
#include "sim/routing/gate.hpp"

namespace moesim {
namespace {

constexpr std::size_t kTokens = 500;

std::vector<float> normals(std::string_view stream, std::size_t count, double sigma) {
  RandomStream random(3, stream_of(stream));
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(sigma * random.normal());
  return values;
}

RoutedTokens route(const GateSpec& spec, std::span<const float> logits, std::span<const float> bias = {}) {
  RoutedTokens out;
  Gate(spec).route(logits, bias, {}, out);
  return out;
}

std::span<const std::uint16_t> experts_of(const RoutedTokens& out, std::size_t token) {
  const auto top_k = static_cast<std::size_t>(out.top_k);
  return std::span(out.experts).subspan(token * top_k, top_k);
}

/// Every gate of the catalog that groups limit, in both flavours, with scores above 0.
TEST(GateProperties, NoTokenReachesMoreGroupsThanItsLimit) {
  for (const char* model : {"deepseek-v2", "deepseek-v3"}) {
    for (const GateFlavour flavour : {GateFlavour::reference, GateFlavour::hugging_face}) {
      const GateSpec spec = gate_of(load_model(model), flavour);
      const auto width = static_cast<std::size_t>(spec.num_experts);
      const RoutedTokens out = route(spec, normals("limit", kTokens * width, 2));
      std::size_t most = 0;
      for (std::size_t token = 0; token < kTokens; ++token) {
        std::set<int> groups;
        for (const int expert : experts_of(out, token))
          groups.insert(expert * spec.num_groups / spec.num_experts);
        most = std::max(most, groups.size());
      }
      EXPECT_EQ(most, static_cast<std::size_t>(spec.topk_groups)) << model;
    }
  }
}

TEST(GateProperties, ExpertsOfATokenDiffer) {
  for (const std::string& name : catalog_names()) {
    const ModelSpec model = load_model(name);
    if (model.num_moe_layers() == 0 || model.random_second) continue;
    const GateSpec spec = gate_of(model);
    const RoutedTokens out =
        route(spec, normals("distinct", 50 * static_cast<std::size_t>(spec.num_experts), 1));
    for (std::size_t token = 0; token < 50; ++token) {
      const auto experts = experts_of(out, token);
      EXPECT_EQ(std::set<int>(experts.begin(), experts.end()).size(), experts.size()) << name;
      EXPECT_TRUE(std::ranges::all_of(experts, [&](int e) { return e < spec.num_experts; })) << name;
    }
  }
}

/// Groups move as wholes and experts within them; the sigmoid of an expert does not know its place, so that
/// choices and weights go with the experts to the last bit.
TEST(GateProperties, PermutingExpertsPermutesChoices) {
  const GateSpec spec = gate_of(load_model("deepseek-v3"));
  const std::vector<float> logits = normals("permuted", kTokens * 256, 1);
  const std::vector<float> bias = normals("permuted bias", 256, 0.1);
  // Expert e moves to place[e]: group g to 3 g + 1 (mod 8), expert i of a group to 5 i + 7 (mod 32).
  std::vector<std::size_t> place(256);
  for (std::size_t e = 0; e < 256; ++e) place[e] = (3 * (e / 32) + 1) % 8 * 32 + (5 * (e % 32) + 7) % 32;
  std::vector<float> moved_logits(logits.size());
  std::vector<float> moved_bias(256);
  for (std::size_t i = 0; i < logits.size(); ++i) moved_logits[i / 256 * 256 + place[i % 256]] = logits[i];
  for (std::size_t e = 0; e < 256; ++e) moved_bias[place[e]] = bias[e];
  const RoutedTokens out = route(spec, logits, bias);
  const RoutedTokens moved = route(spec, moved_logits, moved_bias);
  for (std::size_t i = 0; i < out.experts.size(); ++i) {
    ASSERT_EQ(moved.experts[i], place[out.experts[i]]) << i;
    ASSERT_EQ(moved.weights[i], out.weights[i]) << i;
  }
}

/// Biases decide, but the weights of the chosen are the scores without them, to the last bit.
TEST(GateProperties, WeightsDoNotKnowTheBias) {
  GateSpec spec = gate_of(load_model("deepseek-v3"));
  spec.num_groups = spec.topk_groups = 1;
  spec.normalise = false;
  const std::vector<float> logits = normals("unbiased", kTokens * 256, 1);
  const RoutedTokens biased = route(spec, logits, normals("bias", 256, 1));
  GateSpec all = spec;
  all.top_k = 256;
  const RoutedTokens plain = route(all, logits);
  std::size_t moved = 0;
  for (std::size_t token = 0; token < kTokens; ++token) {
    std::map<int, float> score;
    for (std::size_t i = token * 256; i < (token + 1) * 256; ++i) score[plain.experts[i]] = plain.weights[i];
    for (std::size_t i = token * 8; i < (token + 1) * 8; ++i) {
      ASSERT_EQ(biased.weights[i], score[biased.experts[i]]);
      moved += biased.experts[i] != plain.experts[token * 256 + i % 8] ? 1 : 0;
    }
  }
  EXPECT_GT(moved, kTokens);
}

TEST(GateProperties, NormalisedWeightsSumToTheScale) {
  for (const char* model : {"deepseek-v3", "mixtral-8x7b", "qwen3-235b-a22b", "kimi-k2"}) {
    const GateSpec spec = gate_of(load_model(model));
    const auto width = static_cast<std::size_t>(spec.num_experts);
    const RoutedTokens out = route(spec, normals("sum", kTokens * width, 1));
    const auto top_k = static_cast<std::ptrdiff_t>(spec.top_k);
    for (auto at = out.weights.begin(); at != out.weights.end(); at += top_k) {
      ASSERT_NEAR(std::accumulate(at, at + top_k, 0.0), spec.route_scale, 1e-6) << model;
    }
  }
}

/// Tokens in two calls, or in one, are the same; as are sums of scores.
TEST(GateProperties, TokensAreIndependent) {
  const Gate gate(gate_of(load_model("deepseek-v3")));
  const std::vector<float> logits = normals("split", 10 * 256, 1);
  RoutedTokens whole;
  RoutedTokens first;
  RoutedTokens second;
  std::vector<double> sums(256);
  std::vector<double> split_sums(256);
  gate.route(logits, {}, {}, whole, sums);
  gate.route(std::span(logits).first(3 * 256), {}, {}, first, split_sums);
  gate.route(std::span(logits).subspan(3 * 256), {}, {}, second, split_sums);
  first.experts.insert(first.experts.end(), second.experts.begin(), second.experts.end());
  EXPECT_EQ(first.experts, whole.experts);
  EXPECT_EQ(split_sums, sums);
  EXPECT_NEAR(std::accumulate(sums.begin(), sums.end(), 0.0), 10, 1e-5);
}

}  // namespace
}  // namespace moesim
