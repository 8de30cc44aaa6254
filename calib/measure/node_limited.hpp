#pragma once

#include <cstdint>

#include "calib/measure/exchange.hpp"
#include "calib/measure/random_routing.hpp"

namespace moesim {

/// Ranks that exchange tokens over nodes.
struct NodeLimitedShape {
  int num_ranks = 1;
  int ranks_per_node = 1;
  int experts = 256;
  int top_k = 8;
  int kept_nodes = 4;     ///< most that a token reaches
  double row_bytes = 0;   ///< of a token
  double sent_bytes = 0;  ///< that a rank sends to other nodes, in the mean over ranks
};

/// The two steps of a dispatch of random tokens, as many as it takes to send `sent_bytes` to other nodes, at
/// least one a rank. Beyond kMostDrawnTokens a rank, what so many do is scaled up.
TwoStepExchange node_limited_exchange(const NodeLimitedShape& shape, std::uint64_t seed, RoutingCache& cache);

inline constexpr int kMostDrawnTokens = 16384;

}  // namespace moesim
