#include "sim/routing/recorded_router.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "sim/routing/token_counts.hpp"

namespace moesim {
namespace {

class RecordedCountsRouter final : public Router {
 public:
  explicit RecordedCountsRouter(ExpertCounts counts) : counts_(std::move(counts)) {}
  std::string_view name() const override { return "recorded counts"; }

  LayerLoads route_layers(const RoutingGroup& group) const override {
    const auto num_experts = static_cast<std::size_t>(counts_.num_experts);
    const auto num_ranks = static_cast<std::size_t>(group.num_ranks);
    const auto num_nodes = static_cast<std::size_t>(group.num_nodes);
    std::vector<RoutedLoad> loads;
    for (std::size_t layer = 0; layer < counts_.num_layers(); ++layer) {
      // All of a node as if through one NIC.
      LoadStatistics statistics({group.num_ranks, group.num_nodes, 1, 1});
      for (std::size_t step = 0; step < counts_.steps.size(); ++step) {
        const std::span<const std::int64_t> tokens = counts_.of(step, layer);
        MicroBatchLoad load{std::vector<double>(num_ranks), std::vector<double>(num_nodes)};
        for (std::size_t e = 0; e < num_experts; ++e) {
          const auto num = static_cast<double>(tokens[e]);
          load.ranks[e * num_ranks / num_experts] += num;
          load.nics[e * num_nodes / num_experts] += num;
        }
        statistics.add(std::move(load));
      }
      RoutedLoad load = statistics.result();
      load.nodes_per_token = group.nodes_per_token;
      load.ranks_per_token = group.ranks_per_token;
      loads.push_back(std::move(load));
    }
    return LayerLoads(std::move(loads));
  }

 private:
  ExpertCounts counts_;
};

class RecordedIdsRouter final : public Router {
 public:
  explicit RecordedIdsRouter(RecordedIds ids) : ids_(std::move(ids)) {}
  std::string_view name() const override { return "recorded ids"; }

  LayerLoads route_layers(const RoutingGroup& group) const override {
    ExpertIdsReader reader(ids_.file, ids_.shape);
    const MicroBatch batch{group.num_ranks, group.num_nodes, ids_.tokens_per_rank, ids_.tokens_per_rank};
    const std::int64_t num = std::min(ids_.most_micro_batches, reader.num_tokens() / batch.tokens());
    if (num < 1) throw std::invalid_argument("recorded ids of less than a micro-batch");
    const auto num_layers = static_cast<std::size_t>(reader.num_layers());
    std::vector<TokenCounts> counts(num_layers, TokenCounts(batch, ids_.shape.num_experts));
    std::vector<LoadStatistics> statistics(num_layers, LoadStatistics(batch));
    for (std::int64_t m = 0; m < num; ++m) {
      read_batch(reader, batch, counts);
      for (std::size_t layer = 0; layer < num_layers; ++layer) statistics[layer].add(counts[layer].take());
    }
    std::vector<RoutedLoad> loads;
    for (std::size_t layer = 0; layer < num_layers; ++layer) {
      RoutedLoad load = statistics[layer].result();
      load.nodes_per_token = counts[layer].nodes_per_token();
      load.ranks_per_token = counts[layer].ranks_per_token();
      loads.push_back(std::move(load));
    }
    return LayerLoads(std::move(loads));
  }

 private:
  static void read_batch(ExpertIdsReader& reader, const MicroBatch& batch, std::vector<TokenCounts>& counts) {
    constexpr std::int64_t kBlock = 1024;  // tokens read at once
    const auto k = static_cast<std::size_t>(reader.top_k());
    const std::size_t of_token = counts.size() * k;
    std::vector<std::uint16_t> ids;
    for (std::int64_t first = 0; first < batch.tokens();) {
      ids.resize(static_cast<std::size_t>(std::min(kBlock, batch.tokens() - first)) * of_token);
      const std::size_t num = reader.read(ids);
      for (std::size_t i = 0; i < num; ++i, ++first) {
        for (std::size_t layer = 0; layer < counts.size(); ++layer) {
          counts[layer].add(static_cast<int>(first / batch.tokens_per_rank),
                            std::span(ids).subspan(i * of_token + layer * k, k));
        }
      }
    }
  }

  RecordedIds ids_;
};

}  // namespace

std::unique_ptr<Router> make_recorded_counts_router(ExpertCounts counts) {
  return std::make_unique<RecordedCountsRouter>(std::move(counts));
}

std::unique_ptr<Router> make_recorded_ids_router(const RecordedIds& ids) {
  return std::make_unique<RecordedIdsRouter>(ids);
}

}  // namespace moesim
