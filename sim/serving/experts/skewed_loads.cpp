#include "sim/serving/experts/skewed_loads.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/error.hpp"
#include "base/math.hpp"
#include "base/random.hpp"
#include "sim/load/expert_load.hpp"
#include "sim/routing/eplb.hpp"

namespace moesim {
namespace {

constexpr int kNumDraws = 8;
constexpr int kNumSizes = 22;  ///< 1 to 2^21 tokens
using Values = std::vector<double>;

/// Binomial: by inversion for small means, else a rounded normal.
double draw_count(double tokens, double chance, RandomStream& random) {
  const double mean = tokens * chance;
  constexpr double kSmall = 24;
  if (mean > kSmall && tokens - mean > kSmall) {
    const double deviation = std::sqrt(mean * (1 - chance));
    return std::clamp(std::round(mean + deviation * random.normal()), 0.0, tokens);
  }
  if (chance >= 1) return tokens;
  double left = random.uniform();
  double probability = exp_det(tokens * log_det(1 - chance));
  double count = 0;
  const double odds = chance / (1 - chance);
  while (left > probability && count < tokens) {
    left -= probability;
    probability *= odds * (tokens - count) / (count + 1);
    ++count;
  }
  return count;
}

/// Chances of a token to take each expert: its share of the choices times top_k, at most 1.
Values chances_of(const Values& normals, double sigma, int top_k) {
  Values weights;
  double sum = 0;
  for (const double z : normals) sum += weights.emplace_back(exp_det(sigma * z));
  for (double& w : weights) w = std::min(1.0, top_k * w / sum);
  return weights;
}

/// How logarithms of popularities correlate between a plan's loads and their use.
double plan_correlation(const ExpertLoadSpec& spec) {
  const double sigma = spec.affinity.popularity.sigma;
  if (sigma <= 0 || spec.affinity.drift <= 0) return 1;
  const ServingEplb& eplb = spec.eplb;
  const double age = eplb.window.value() / 2 + eplb.lag.value() + eplb.replan_every.value() / 2;
  const double step = spec.affinity.drift / sigma;
  const double kept = std::sqrt(std::max(0.0, 1 - step * step));
  return kept > 0 ? exp_det(age / spec.affinity_step.value() * log_det(kept)) : 0;
}

ExpertPlacement place(const ExpertGroups& groups, const Values& seen, bool eplb) {
  const PlacementSize size = groups.placement_size();
  return eplb ? eplb_placement(seen, {size.num_slots, 1, 1, size.num_gpus}) : contiguous_placement(size);
}

/// Tokens that reach the fullest node over the mean, each once.
double node_max_over_mean(const ExpertPlacement& placement, const Values& chances) {
  if (placement.num_nodes() == 1) return 1;
  const std::vector<int> replicas = replica_counts(placement);
  Values missed(static_cast<std::size_t>(placement.num_nodes()), 1.0);
  for (int slot = 0; slot < placement.num_slots(); ++slot) {
    const auto expert = static_cast<std::size_t>(placement.slot_expert[static_cast<std::size_t>(slot)]);
    missed[static_cast<std::size_t>(placement.node_of(slot))] *= 1 - chances[expert] / replicas[expert];
  }
  for (double& share : missed) share = 1 - share;
  return max_over_mean(missed);
}

ExpertState state_of(const ExpertPlacement& placement, const Values& slots, double node) {
  const Values gpus = gpu_sums(placement, slots);
  const auto fullest = static_cast<std::size_t>(std::ranges::max_element(gpus) - gpus.begin());
  const auto per_gpu = static_cast<std::size_t>(placement.slots_per_gpu());
  double touched = 0;
  double most = 0;
  for (std::size_t i = fullest * per_gpu; i < (fullest + 1) * per_gpu; ++i) {
    touched += std::min(slots[i], 1.0);  // a replica's share of a single row
    most = std::max(most, slots[i]);
  }
  ExpertState state;
  state.gpu_max_over_mean = max_over_mean(gpus);
  state.node_max_over_mean = node;
  state.slots_touched = touched;
  state.slot_max_over_mean = gpus[fullest] > 0 ? most * touched / gpus[fullest] : 1;
  return state;
}

void add(ExpertState& sum, const ExpertState& term, double weight) {
  for (const auto member : {&ExpertState::gpu_max_over_mean, &ExpertState::node_max_over_mean,
                            &ExpertState::slots_touched, &ExpertState::slot_max_over_mean})
    sum.*member += weight * term.*member;
}

constexpr ExpertState kNothing{0, 0, 0, 0};

class SkewedLoads final : public ExpertLoads {
 public:
  SkewedLoads(const ExpertGroups& groups, int num_layers, const ExpertLoadSpec& spec, std::uint64_t seed)
      : groups_(groups), spec_(spec), seed_(seed) {
    for (auto& sizes : table_) sizes.fill(kNothing);
    mean_.fill(kNothing);
    for (int layer = 0; layer < num_layers; ++layer) {
      for (int draw = 0; draw < kNumDraws; ++draw) add_layer(layer, draw, 1.0 / num_layers);
    }
    for (const auto& sizes : table_) {
      for (int size = 0; size < kNumSizes; ++size) add(mean_[size], sizes[size], 1.0 / kNumDraws);
    }
  }

  ExpertState state(double tokens, std::uint64_t unit, std::uint64_t draw) const override {
    const StreamKey key(seed_, stream_of("expert_draw"));
    const double u = uniform_at(key, unit * 0x9E3779B97F4A7C15U + draw);
    return between(table_[static_cast<std::size_t>(u * kNumDraws)], tokens);
  }
  ExpertState mean(double tokens) const override { return between(mean_, tokens); }

 private:
  using Sizes = std::array<ExpertState, kNumSizes>;

  void add_layer(int layer, int draw, double weight) {
    const double sigma =
        spec_.affinity.popularity.law == PopularityLaw::even ? 0 : spec_.affinity.popularity.sigma;
    RandomStream popularity(seed_, stream_of("expert_popularity"), static_cast<std::uint64_t>(layer));
    RandomStream random(seed_, stream_of("expert_counts"),
                        static_cast<std::uint64_t>(layer * kNumDraws + draw));
    const double correlation = plan_correlation(spec_);
    Values now;
    Values before;
    for (int e = 0; e < groups_.num_experts; ++e) {
      before.push_back(popularity.normal());
      now.push_back(correlation * before.back() + std::sqrt(1 - correlation * correlation) * random.normal());
    }
    const Values seen = chances_of(before, sigma, groups_.top_k);
    const Values chances = chances_of(now, sigma, groups_.top_k);
    const ExpertPlacement placement = place(groups_, seen, spec_.eplb.on);
    const double node = node_max_over_mean(placement, chances);
    for (int size = 0; size < kNumSizes; ++size) {
      Values counts;
      for (const double chance : chances) counts.push_back(draw_count(std::ldexp(1.0, size), chance, random));
      add(table_[draw][size], state_of(placement, slot_load(placement, counts), node), weight);
    }
  }

  static ExpertState between(const Sizes& sizes, double tokens) {
    const double place =
        std::clamp(log_det(std::max(tokens, 1.0)) / log_det(2.0), 0.0, static_cast<double>(kNumSizes - 1));
    const auto left = std::min(static_cast<std::size_t>(place), static_cast<std::size_t>(kNumSizes - 2));
    const double share = place - static_cast<double>(left);
    ExpertState state = kNothing;
    add(state, sizes[left], 1 - share);
    add(state, sizes[left + 1], share);
    return state;
  }

  ExpertGroups groups_;
  ExpertLoadSpec spec_;
  std::uint64_t seed_;
  std::array<Sizes, kNumDraws> table_;
  Sizes mean_;
};

void refuse(const ExpertLoadSpec& spec) {
  const auto fail = [](const char* pointer, const char* what, const char* hint) {
    throw SpecError("", pointer, what, hint);
  };
  const PopularityLaw law = spec.affinity.popularity.law;
  if (law != PopularityLaw::even && law != PopularityLaw::lognormal)
    fail("/affinity/popularity/law", "serving knows even and lognormal popularity", "use \"lognormal\"");
  if (spec.affinity.topics.count > 0)
    fail("/affinity/topics", "topics are not tabulated for serving", "leave them out");
  if (spec.affinity.persistence.correlation > 0)
    fail("/affinity/persistence", "persistence is not tabulated for serving", "leave it out");
}

}  // namespace

std::shared_ptr<const ExpertLoads> make_skewed_loads(const ExpertGroups& groups, int num_layers,
                                                     const ExpertLoadSpec& spec, std::uint64_t seed) {
  refuse(spec);
  return std::make_shared<SkewedLoads>(groups, num_layers, spec, seed);
}

}  // namespace moesim
