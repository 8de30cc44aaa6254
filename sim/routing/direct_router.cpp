// Every token through the gate.
#include <algorithm>
#include <utility>

#include "sim/routing/settled_router.hpp"
#include "sim/routing/simulated_router.hpp"
#include "sim/routing/token_counts.hpp"
#include "workloads/affinity/affinity_source.hpp"

namespace moesim {
namespace {

constexpr std::int64_t kBlock = 512;  // tokens routed at once
constexpr int kNoiseRows = 4096;      // a small pool prefers some experts by some per cent
constexpr std::int64_t kSettlingTokens = 65536;
constexpr int kSettlingSteps = 4;

class DirectRouter final : public Router {
 public:
  explicit DirectRouter(SimulatedRouting routing) : routing_(std::move(routing)) {}
  std::string_view name() const override { return "direct"; }

  LayerLoads route_layers(const RoutingGroup& group) const override {
    const auto pool = std::make_shared<const NoisePool>(routing_.gate.num_experts, routing_.seed, kNoiseRows);
    MeanLoadsMaker maker = mean_loads_maker(routing_, group);
    std::vector<RoutedLoad> loads;
    for (int layer = 0; layer < routing_.num_layers; ++layer) {
      const MeanLoads means = maker.of_layer(layer);
      SettledRouter router{{}, means.offsets, means.bias};
      if (routing_.balancing == Balancing::settled) settle_further(pool, maker.spread(), layer, router);
      loads.push_back(route_layer(group, pool, router, layer));
    }
    return LayerLoads(std::move(loads));
  }

 private:
  /// On short documents, so that many topics are among the tokens.
  void settle_further(const std::shared_ptr<const NoisePool>& pool, double spread, int layer,
                      SettledRouter& router) const {
    AffinitySpec affinity = routing_.affinity;
    affinity.topics.tokens_per_document = affinity.persistence.tokens = 16;
    const auto num_experts = static_cast<std::size_t>(routing_.gate.num_experts);
    const MicroBatch batch{1, 1, kSettlingTokens, kSettlingTokens};
    LayerAffinities affinities(affinity, routing_.gate.num_experts, routing_.seed, layer, pool);
    const Gate gate(routing_.gate);
    const Settling settling = routing_.gate.has_bias ? Settling::bias : Settling::offsets;
    const double chance = static_cast<double>(routing_.gate.top_k) / routing_.gate.num_experts;
    const std::vector<double> target(num_experts, chance);
    for (int step = 0; step < kSettlingSteps; ++step) {
      affinities.begin_step(step);
      std::copy(router.offsets.begin(), router.offsets.end(), affinities.offsets().begin());
      std::vector<double> now(num_experts);
      route_batch(affinities, gate, router.bias, batch, [&](int, std::span<const std::uint16_t> chosen) {
        for (const std::uint16_t expert : chosen) now[expert] += 1.0 / kSettlingTokens;
      });
      step_towards(target, now, routing_.gate, spread, settling, 1.0 / (step + 1), router);
    }
  }

  RoutedLoad route_layer(const RoutingGroup& group, const std::shared_ptr<const NoisePool>& pool,
                         const SettledRouter& router, int layer) const {
    const MicroBatch batch = micro_batch_of(routing_, group);
    LayerAffinities affinities(routing_.affinity, routing_.gate.num_experts, routing_.seed, layer, pool);
    const Gate gate(routing_.gate);
    TokenCounts counts(batch, routing_.gate.num_experts);
    LoadStatistics statistics(batch);
    for (int m = 0; m < routing_.num_micro_batches; ++m) {
      affinities.begin_step(m);
      std::copy(router.offsets.begin(), router.offsets.end(), affinities.offsets().begin());
      route_batch(affinities, gate, router.bias, batch,
                  [&](int rank, std::span<const std::uint16_t> chosen) { counts.add(rank, chosen); });
      statistics.add(counts.take());
    }
    RoutedLoad load = statistics.result();
    load.nodes_per_token = counts.nodes_per_token();
    load.ranks_per_token = counts.ranks_per_token();
    return load;
  }

  /// `visit(rank, chosen)` sees every token.
  template <class Visit>
  static void route_batch(const LayerAffinities& affinities, const Gate& gate, std::span<const float> bias,
                          const MicroBatch& batch, Visit visit) {
    const auto n = static_cast<std::size_t>(affinities.num_experts());
    const auto k = static_cast<std::size_t>(gate.spec().top_k);
    std::vector<float> logits;
    RoutedTokens routed;
    for (std::int64_t first = 0; first < batch.tokens(); first += kBlock) {
      const auto num = static_cast<std::size_t>(std::min(kBlock, batch.tokens() - first));
      logits.resize(num * n);
      affinities.logits(first, num, logits);
      gate.route(logits, bias, {}, routed);
      for (std::size_t i = 0; i < num; ++i) {
        const std::int64_t rank = (first + static_cast<std::int64_t>(i)) / batch.tokens_per_rank;
        visit(static_cast<int>(rank), std::span(routed.experts).subspan(i * k, k));
      }
    }
  }

  SimulatedRouting routing_;
};

}  // namespace

std::unique_ptr<Router> make_direct_router(const SimulatedRouting& routing) {
  return std::make_unique<DirectRouter>(routing);
}

}  // namespace moesim
