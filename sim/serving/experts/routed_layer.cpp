#include "sim/serving/experts/routed_layer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "base/math.hpp"
#include "base/random.hpp"
#include "sim/routing/settled_router.hpp"
#include "sim/routing/solve_offsets.hpp"

namespace moesim {
namespace {

constexpr std::size_t kChanceTokens = 128;
constexpr std::array<std::size_t, 5> kSettleTokens = {32, 32, 64, 64, 128};  // in each step of the solver
constexpr std::size_t kPoolTokens = 1024;

double spread_of(std::span<const double> values, double centre) {
  double squares = 0;
  for (const double value : values) squares += (value - centre) * (value - centre);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

}  // namespace

RoutedLayers::RoutedLayers(const GateSpec& gate, const AffinitySpec& affinity, std::uint64_t seed,
                           BatchMode mode)
    : gate_(gate),
      affinity_(affinity),
      seed_(seed),
      classes_(affinity, seed),
      chances_(gate, affinity.token_sigma),
      row_(static_cast<std::size_t>(gate.num_experts)),
      no_bias_(row_.size()) {
  shape_.top_k = static_cast<std::size_t>(gate.top_k);
  shape_.num_classes = classes_.size();
  if (mode == BatchMode::training && affinity.persistence.correlation > 0) {
    shape_.tokens_per_run =
        static_cast<std::size_t>(std::clamp<std::int64_t>(affinity.persistence.tokens, 1, 256));
  }
  const std::size_t whole = shape_.num_classes * shape_.tokens_per_run;
  shape_.runs_per_class = std::max<std::size_t>(1, (kPoolTokens + whole - 1) / whole);
  fill_noise(seed);
}

void RoutedLayers::fill_noise(std::uint64_t seed) {
  const std::size_t n = row_.size();
  sampled_ = sampled_noise(kChanceTokens, n, seed);
  pool_ = sampled_noise(shape_.size(), n, seed ^ stream_of("expert_pool"));
  if (shape_.tokens_per_run == 1) return;
  const auto common = static_cast<float>(std::sqrt(affinity_.persistence.correlation));
  const auto own = static_cast<float>(std::sqrt(1 - affinity_.persistence.correlation));
  const std::size_t num_runs = shape_.size() / shape_.tokens_per_run;
  const std::vector<float> blocks = sampled_noise(num_runs, n, seed ^ stream_of("expert_blocks"));
  for (std::size_t i = 0; i < pool_.size(); ++i)
    pool_[i] = own * pool_[i] + common * blocks[i / (n * shape_.tokens_per_run) * n + i % n];
}

std::vector<double> RoutedLayers::mean_chances(const RoutedLayer& layer, std::span<const double> offsets,
                                               std::size_t num_tokens) {
  const std::size_t n = offsets.size();
  std::vector<double> sums(n);
  for (std::size_t token = 0; token < num_tokens; ++token) {
    const std::size_t row = token / 2 % classes_.size();  // pairs are antithetic
    for (std::size_t e = 0; e < n; ++e)
      row_[e] = layer.class_logits[row * n + e] + static_cast<float>(offsets[e]);
    chances_.add_token(row_, std::span(sampled_).subspan(token * n, n), no_bias_, sums);
  }
  const double scale = gate_.spec().top_k / sum_fixed_order(sums);
  for (double& sum : sums) sum = std::min(1.0, sum * scale);
  return sums;
}

void RoutedLayers::solve(RoutedLayer& layer) {
  std::vector<double> target = layer.shares;
  for (double& share : target) share *= gate_.spec().top_k;
  SettledRouter router{{}, layer.offsets, {}};
  const double topics = affinity_.topics.count > 1 ? affinity_.topics.spread : 0;
  const double spread = std::hypot(affinity_.token_sigma, topics);
  for (const std::size_t tokens : kSettleTokens) {
    const std::vector<double> now = mean_chances(layer, router.offsets, tokens);
    step_towards(target, now, gate_.spec(), spread, Settling::offsets, 1, router);
  }
  layer.offsets = router.offsets;
}

RoutedLayer RoutedLayers::layer(int index) {
  LayerAffinities affinities(affinity_, gate_.spec().num_experts, seed_, index, nullptr);
  affinities.begin_step(0);
  RoutedLayer layer;
  layer.class_logits = classes_.logits(gate_.spec().num_experts, index);
  layer.offsets.assign(affinities.offsets().begin(), affinities.offsets().end());
  const std::vector<double> shares = affinities.target_shares();
  if (!shares.empty()) {
    layer.shares = capped_shares(shares, kMostTokensOfExpert / gate_.spec().top_k);
    solve(layer);
  } else if (affinity_.popularity.law == PopularityLaw::even && classes_.size() == 1) {
    layer.shares.assign(layer.offsets.size(), 1.0 / gate_.spec().num_experts);
  }
  layer.sampled = mean_chances(layer, layer.offsets, kChanceTokens);
  const bool of_logits = affinity_.popularity.law == PopularityLaw::logit_normal;
  layer.centre = of_logits ? 0 : mean(layer.offsets);
  layer.spread = of_logits ? affinity_.popularity.sigma : spread_of(layer.offsets, layer.centre);
  return layer;
}

std::vector<double> RoutedLayers::drifted(const RoutedLayer& layer, int index, double steps,
                                          std::uint64_t draw) const {
  std::vector<double> offsets = layer.offsets;
  if (affinity_.drift <= 0 || steps <= 0) return offsets;
  if (affinity_.drift > layer.spread) {
    throw SpecError(
        "", "/affinity/drift",
        fmt::format("a step adds {} to logits whose own spread over the experts of layer {} is {:.4g}",
                    affinity_.drift, index, layer.spread),
        "give a smaller drift");
  }
  const double ratio = affinity_.drift / layer.spread;
  const double kept = exp_det(steps / 2 * log_det(std::max(1e-300, 1 - ratio * ratio)));
  const double added = layer.spread * std::sqrt(1 - kept * kept);
  RandomStream random(seed_, stream_of("expert_drift") + draw, static_cast<std::uint64_t>(index));
  for (double& offset : offsets)
    offset = layer.centre + kept * (offset - layer.centre) + added * random.normal();
  return offsets;
}

std::vector<double> RoutedLayers::chances(const RoutedLayer& layer, std::span<const double> offsets) {
  const bool moved = !std::ranges::equal(offsets, layer.offsets);
  std::vector<double> chances = moved ? mean_chances(layer, offsets, kChanceTokens) : layer.sampled;
  if (layer.shares.empty()) return chances;
  for (std::size_t e = 0; e < chances.size(); ++e)
    chances[e] = layer.shares[e] * (moved ? chances[e] / layer.sampled[e] : 1);
  const double scale = gate_.spec().top_k / sum_fixed_order(chances);
  for (double& chance : chances) chance = std::min(1.0, chance * scale);
  return chances;
}

RoutedPool RoutedLayers::pool(const RoutedLayer& layer, std::span<const double> offsets) {
  const std::size_t n = row_.size();
  RoutedPool pool = shape_;
  pool.chances = chances(layer, offsets);
  logits_.resize(pool_.size());
  const auto sigma = static_cast<float>(affinity_.token_sigma);
  const std::size_t per_class = pool.runs_per_class * pool.tokens_per_run;
  for (std::size_t token = 0; token < pool.size(); ++token) {
    const float* of_class = &layer.class_logits[token / per_class * n];
    for (std::size_t e = 0; e < n; ++e)
      logits_[token * n + e] = of_class[e] + static_cast<float>(offsets[e]) + sigma * pool_[token * n + e];
  }
  RoutedTokens routed;
  gate_.route(logits_, {}, {}, routed);
  pool.experts = std::move(routed.experts);
  return pool;
}

}  // namespace moesim
