#include "sim/routing/settled_router.hpp"

#include <algorithm>
#include <cmath>

#include "base/math.hpp"
#include "base/random.hpp"

namespace moesim {
namespace {

constexpr int kMostSteps = 12;
constexpr double kClose = 0.05;

/// A chance whose quantile is finite.
double inside(double chance) {
  return std::clamp(chance, 1e-6, 1 - 1e-6);
}

/// The score that a logit at the critical value gains per logit.
double score_per_logit(const GateSpec& gate, double critical, double spread) {
  if (gate.scoring == Scoring::sigmoid) {
    const double score = 1 / (1 + exp_det(-critical));
    return score * (1 - score);
  }
  return exp_det(critical - spread * spread / 2) / gate.num_experts;
}

std::vector<double> mean_of_rows(std::span<const double> rows, std::size_t n) {
  std::vector<double> mean(n);
  for (std::size_t i = 0; i < rows.size(); ++i) mean[i % n] += rows[i];
  for (double& value : mean) value *= static_cast<double>(n) / static_cast<double>(rows.size());
  return mean;
}

}  // namespace

std::vector<float> sampled_noise(std::size_t num_tokens, std::size_t num_experts, std::uint64_t seed) {
  std::vector<float> noise(num_tokens * num_experts);
  const StreamKey key(seed, stream_of("mean_loads"));
  for (std::size_t token = 0; token < num_tokens; token += 2) {
    RandomStream random(key, token);
    for (std::size_t e = 0; e < num_experts; ++e) {
      const auto value = static_cast<float>(random.normal());
      noise[token * num_experts + e] = value;
      if (token + 1 < num_tokens) noise[(token + 1) * num_experts + e] = -value;
    }
  }
  return noise;
}

void step_towards(std::span<const double> target, std::span<const double> now, const GateSpec& gate,
                  double spread, Settling settling, double share, SettledRouter& router) {
  const std::size_t n = target.size();
  for (std::size_t e = 0; e < n; ++e) {
    const double wanted = normal_quantile(inside(target[e]));
    const double move = share * spread * (wanted - normal_quantile(inside(now[e])));
    if (settling == Settling::bias) {
      const double critical = router.offsets[e] - spread * wanted;
      router.bias[e] += static_cast<float>(move * score_per_logit(gate, critical, spread));
      continue;
    }
    router.offsets[e] += move;
    for (std::size_t i = e; i < router.logits.size(); i += n) router.logits[i] += static_cast<float>(move);
  }
}

void settle(ChoiceChances& chances, std::span<const double> target, double spread, Settling settling,
            std::size_t num_tokens, std::span<const float> noise, SettledRouter& router) {
  const std::size_t n = target.size();
  for (int step = 0; step < kMostSteps; ++step) {
    const std::vector<double> now = mean_of_rows(
        class_chances(chances, router, num_tokens, noise, [](std::size_t, std::span<const std::uint16_t>) {}),
        n);
    double furthest = 0;
    for (std::size_t e = 0; e < n; ++e) furthest = std::max(furthest, std::abs(now[e] / target[e] - 1));
    step_towards(target, now, chances.gate(), spread, settling, 1, router);
    if (furthest < kClose) return;
  }
}

}  // namespace moesim
