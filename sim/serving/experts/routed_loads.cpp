#include "sim/serving/experts/routed_loads.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/math.hpp"
#include "base/random.hpp"
#include "sim/load/expert_load.hpp"
#include "sim/routing/eplb.hpp"
#include "sim/serving/experts/pool_batch.hpp"
#include "sim/serving/experts/routed_layer.hpp"

namespace moesim {
namespace {

constexpr int kNumDraws = 8;
constexpr int kNumAges = 2;  ///< of plans
const double kLogOfTwo = log_det(2.0);
constexpr int kNumSizes = 22;  ///< 1 to 2^21 tokens

void add(ExpertState& sum, const ExpertState& term, double weight) {
  for (const auto member : {&ExpertState::gpu_max_over_mean, &ExpertState::node_max_over_mean,
                            &ExpertState::slots_touched, &ExpertState::slot_max_over_mean})
    sum.*member += weight * term.*member;
}

constexpr ExpertState kNothing{0, 0, 0, 0};

/// For how many redraws, and for what share of them, a decode unit keeps a draw.
struct Keeping {
  explicit Keeping(const RoutedLoadsInput& input) {
    if (input.mode != BatchMode::decode) return;
    const AffinitySpec& affinity = input.affinity;
    const auto hold = [&](std::int64_t iterations, double of_redraws) {
      redraws = std::max<std::int64_t>(1, iterations / input.spec.redraw_every);
      share = redraws > 1 ? of_redraws : 0;
    };
    if (affinity.topics.count > 1 && affinity.topics.spread > 0) {
      hold(affinity.topics.tokens_per_document, 1);
    } else if (affinity.persistence.correlation > 0) {
      hold(affinity.persistence.tokens, affinity.persistence.correlation);
    }
  }
  std::int64_t redraws = 1;
  double share = 0;
};

class RoutedLoads final : public ExpertLoads {
 public:
  explicit RoutedLoads(const RoutedLoadsInput& input)
      : input_(input),
        key_(input.seed, stream_of("expert_draw")),
        keep_key_(input.seed, stream_of("expert_keep")),
        keeping_(input) {
    for (auto& sizes : table_) sizes.fill(kNothing);
    mean_.fill(kNothing);
    RoutedLayers layers(input.gate, input.affinity, input.seed, input.mode);
    for (int layer = 0; layer < input.num_layers; ++layer) add_layer(layers, layer);
    for (const auto& sizes : table_) {
      for (std::size_t size = 0; size < kNumSizes; ++size) add(mean_[size], sizes[size], 1.0 / kNumDraws);
    }
  }

  ExpertState state(double tokens, std::uint64_t unit, std::uint64_t draw) const override {
    return between(table_[table_of(unit, draw)], tokens);
  }
  ExpertState mean(double tokens) const override { return between(mean_, tokens); }

 private:
  using Sizes = std::array<ExpertState, kNumSizes>;

  [[nodiscard]] std::size_t table_of(std::uint64_t unit, std::uint64_t draw) const {
    const std::uint64_t of_unit = unit * 0x9E3779B97F4A7C15U;
    if (keeping_.share > 0 && uniform_at(keep_key_, of_unit + draw) < keeping_.share) {
      const auto redraws = static_cast<std::uint64_t>(keeping_.redraws);
      draw = ~((draw + of_unit % redraws) / redraws);  // apart from the numbers of fresh draws
    }
    return static_cast<std::size_t>(uniform_at(key_, of_unit + draw) * kNumDraws);
  }

  void add_layer(RoutedLayers& layers, int index) {
    const RoutedLayer layer = layers.layer(index);
    const ExpertPlacement placement = serving_placement(input_, layers.chances(layer, layer.offsets));
    const bool drifts = input_.spec.eplb.on && input_.affinity.drift > 0;
    const int num_ages = drifts ? kNumAges : 1;
    for (int age = 0; age < num_ages; ++age) {
      const double steps =
          drifts ? plan_age(input_.spec.eplb, age, num_ages) / input_.spec.affinity_step.value() : 0;
      const RoutedPool pool =
          layers.pool(layer, layers.drifted(layer, index, steps, static_cast<std::uint64_t>(age)));
      const bool documents = input_.mode == BatchMode::training;
      const PoolBatches batches(pool, placement, documents ? input_.affinity.topics.tokens_per_document : 1);
      for (int draw = age; draw < kNumDraws; draw += num_ages)
        add_batches(placement, batches, static_cast<std::int64_t>(pool.size()), index, draw);
    }
  }

  void add_batches(const ExpertPlacement& placement, const PoolBatches& batches, std::int64_t most, int layer,
                   int draw) {
    RandomStream random(input_.seed, stream_of("expert_batches"),
                        static_cast<std::uint64_t>(layer * kNumDraws + draw));
    BatchCounts last;
    double last_tokens = 0;
    for (std::size_t size = 0; size < kNumSizes; ++size) {
      const double tokens = std::ldexp(1.0, static_cast<int>(size));
      const bool drawn = tokens <= static_cast<double>(most);
      if (drawn) {
        last = batches.draw(std::int64_t{1} << size, random);
        last_tokens = tokens;
      }
      const BatchCounts counts = drawn ? last : batches.scaled(last, last_tokens, tokens);
      add(table_[static_cast<std::size_t>(draw)][size],
          state_of_batch(placement, counts.experts, counts.nodes), 1.0 / input_.num_layers);
    }
  }

  static ExpertState between(const Sizes& sizes, double tokens) {
    const double place =
        std::clamp(log_det(std::max(tokens, 1.0)) / kLogOfTwo, 0.0, static_cast<double>(kNumSizes - 1));
    const auto left = std::min(static_cast<std::size_t>(place), static_cast<std::size_t>(kNumSizes - 2));
    const double share = place - static_cast<double>(left);
    ExpertState state = kNothing;
    add(state, sizes[left], 1 - share);
    add(state, sizes[left + 1], share);
    return state;
  }

  RoutedLoadsInput input_;
  StreamKey key_;
  StreamKey keep_key_;
  Keeping keeping_;
  std::array<Sizes, kNumDraws> table_;
  Sizes mean_;
};

}  // namespace

ExpertPlacement serving_placement(const RoutedLoadsInput& input, const std::vector<double>& tokens) {
  const PlacementSize size = input.groups.placement_size();
  if (!input.spec.eplb.on) return contiguous_placement(size);
  EplbSpec eplb{size.num_slots, 1, 1, size.num_gpus};
  const int num_nodes = input.groups.num_nodes();
  if (input.mode == BatchMode::training && input.gate.num_groups % num_nodes == 0) {
    eplb.num_groups = input.gate.num_groups;
    eplb.num_nodes = num_nodes;
  }
  ExpertPlacement placement = eplb_placement(tokens, eplb);
  placement.gpus_per_node = size.gpus_per_node;
  return placement;
}

ExpertState state_of_batch(const ExpertPlacement& placement, const std::vector<double>& experts,
                           const std::vector<double>& nodes) {
  const std::vector<double> slots = slot_load(placement, experts);
  const std::vector<double> gpus = gpu_sums(placement, slots);
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
  state.node_max_over_mean = nodes.empty() ? 1 : max_over_mean(nodes);
  state.slots_touched = touched;
  state.slot_max_over_mean = gpus[fullest] > 0 ? most * touched / gpus[fullest] : 1;
  return state;
}

double plan_age(const ServingEplb& eplb, int part, int num_parts) {
  return eplb.window.value() / 3 + eplb.lag.value() + eplb.replan_every.value() * (part + 0.5) / num_parts;
}

std::shared_ptr<const ExpertLoads> make_routed_loads(const RoutedLoadsInput& input) {
  return std::make_shared<RoutedLoads>(input);
}

}  // namespace moesim
