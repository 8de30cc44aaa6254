#include "sim/routing/simulated_router.hpp"

#include <algorithm>
#include <utility>

#include "sim/routing/micro_batch_loads.hpp"

namespace moesim {
namespace {

class SimulatedRouter final : public Router {
 public:
  explicit SimulatedRouter(SimulatedRouting routing) : routing_(std::move(routing)) {}
  std::string_view name() const override { return "simulated"; }

  LayerLoads route_layers(const RoutingGroup& group) const override {
    MeanLoadsMaker maker = mean_loads_maker(routing_, group);
    const MicroBatch batch = micro_batch_of(routing_, group);
    const auto documents = drawn_documents(maker.classes(), batch, routing_.num_micro_batches);
    std::vector<RoutedLoad> loads;
    for (int layer = 0; layer < routing_.num_layers; ++layer) {
      const MeanLoads means = maker.of_layer(layer);
      RoutedLoad load =
          sampled_load(means, documents, routing_.affinity.persistence, batch, routing_.seed, layer);
      load.nodes_per_token = means.nodes_per_token;
      load.ranks_per_token = means.ranks_per_token;
      loads.push_back(std::move(load));
    }
    return LayerLoads(std::move(loads));
  }

 private:
  SimulatedRouting routing_;
};

}  // namespace

MicroBatch micro_batch_of(const SimulatedRouting& routing, const RoutingGroup& group) {
  return {group.num_ranks, group.num_nodes, routing.tokens_per_rank,
          routing.affinity.topics.tokens_per_document};
}

MeanLoadsMaker mean_loads_maker(const SimulatedRouting& routing, const RoutingGroup& group) {
  return {routing.gate, routing.affinity, routing.balancing, group.num_ranks, group.num_nodes, routing.seed};
}

std::unique_ptr<Router> make_simulated_router(const SimulatedRouting& routing) {
  return std::make_unique<SimulatedRouter>(routing);
}

}  // namespace moesim
