#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "calib/profile/timed_operator.hpp"

namespace moesim {

/// How many elements each rank sends to each, itself included.
class ExchangeMatrix {
 public:
  explicit ExchangeMatrix(int num_ranks);

  [[nodiscard]] int num_ranks() const { return num_ranks_; }
  [[nodiscard]] std::uint64_t& at(int source, int destination);
  [[nodiscard]] std::uint64_t at(int source, int destination) const;
  [[nodiscard]] std::uint64_t sent(int source) const;
  [[nodiscard]] std::uint64_t received(int destination) const;
  [[nodiscard]] std::uint64_t total() const;
  /// Elements that leave `rank` for, or reach it from, another rank: the larger of the two.
  [[nodiscard]] std::uint64_t busier_direction(int rank) const;

 private:
  int num_ranks_;
  std::vector<std::uint64_t> counts_;  ///< [source, destination]
};

/// Every rank sends `elements` elements, as evenly as whole numbers allow.
ExchangeMatrix uniform_exchange(int num_ranks, std::uint64_t elements);

/// Every rank sends `elements` elements; rank 0 receives `max_over_mean` times the mean over ranks and the
/// others share the rest evenly. `max_over_mean` lies in [1, num_ranks].
ExchangeMatrix skewed_exchange(int num_ranks, std::uint64_t elements, double max_over_mean);

/// What one rank hands to a grouped send and receive: counts and the places of the blocks of each peer in
/// the send and receive buffers, in elements. Blocks lie one after another in the order of ranks.
struct PeerTable {
  std::vector<std::uint64_t> send_counts;  ///< [num_ranks], like the others
  std::vector<std::uint64_t> send_offsets;
  std::vector<std::uint64_t> receive_counts;
  std::vector<std::uint64_t> receive_offsets;
  [[nodiscard]] std::uint64_t send_total() const;
  [[nodiscard]] std::uint64_t receive_total() const;
};
PeerTable peer_table(const ExchangeMatrix& matrix, int rank);

/// The two steps of a normal dispatch over nodes, in tokens: first each token goes once to every node that it
/// needs, to the GPU of the same index there; then that GPU hands it on to every GPU of its node that needs
/// it. Tokens that need the own node skip the first step.
struct TwoStepExchange {
  ExchangeMatrix between_nodes;
  ExchangeMatrix inside_nodes;
};

/// Both steps for `factor` times as many tokens, each count rounded.
TwoStepExchange scaled(const TwoStepExchange& steps, double factor);

/// From the experts of every token: `experts[rank]` is [tokens, top_k], and rank r holds the experts
/// [r, r + 1) * num_experts / num_ranks. num_ranks is experts.size().
TwoStepExchange two_step_exchange(std::span<const std::span<const int>> experts, int top_k, int num_experts,
                                  int ranks_per_node);

/// Bus bandwidth over algorithm bandwidth (bytes of the whole buffer over time), as the document
/// PERFORMANCE.md of nccl-tests derives it: 2 (n - 1) / n for all-reduce, (n - 1) / n for all-gather,
/// reduce-scatter and all-to-all.
double bus_factor(TimedOperator op, int num_ranks);

}  // namespace moesim
