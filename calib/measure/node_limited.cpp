#include "calib/measure/node_limited.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace moesim {

namespace {

constexpr int kProbedTokens = 512;  // of each rank, to learn how many other nodes a token reaches

TwoStepExchange steps_of(const NodeLimitedShape& shape, int tokens, std::uint64_t seed, RoutingCache& cache) {
  const int nodes = shape.num_ranks / shape.ranks_per_node;
  const RoutingDraw draw{shape.experts, nodes, std::min(nodes, shape.kept_nodes), shape.top_k, 0};
  std::vector<std::span<const int>> experts;
  for (int rank = 0; rank < shape.num_ranks; ++rank)
    experts.push_back(cache.experts(draw, tokens, seed, rank));
  return two_step_exchange(experts, shape.top_k, shape.experts, shape.ranks_per_node);
}

}  // namespace

TwoStepExchange node_limited_exchange(const NodeLimitedShape& shape, std::uint64_t seed,
                                      RoutingCache& cache) {
  const auto probed = steps_of(shape, kProbedTokens, seed, cache);
  const double crossings =
      static_cast<double>(probed.between_nodes.total()) / (shape.num_ranks * kProbedTokens);
  // On one node nothing crosses: rows then count as sent where they are.
  const double tokens =
      std::max(1.0, std::round(shape.sent_bytes / shape.row_bytes / std::max(1.0, crossings)));
  const int drawn = static_cast<int>(std::min<double>(tokens, kMostDrawnTokens));
  const auto steps = steps_of(shape, drawn, seed, cache);
  return tokens > drawn ? scaled(steps, tokens / drawn) : steps;
}

}  // namespace moesim
