#include "sim/routing/token_counts.hpp"

#include <utility>

#include "sim/routing/gate.hpp"

namespace moesim {
namespace {

MicroBatchLoad nothing(const MicroBatch& batch, std::size_t ranks_per_node) {
  return {std::vector<double>(static_cast<std::size_t>(batch.num_ranks)),
          std::vector<double>(ranks_per_node * static_cast<std::size_t>(batch.num_nodes))};
}

}  // namespace

TokenCounts::TokenCounts(const MicroBatch& batch, int num_experts)
    : batch_(batch),
      num_experts_(static_cast<std::size_t>(num_experts)),
      ranks_per_node_(static_cast<std::size_t>((batch.num_ranks + batch.num_nodes - 1) / batch.num_nodes)),
      load_(nothing(batch, ranks_per_node_)),
      last_at_rank_(load_.ranks.size()),
      last_at_node_(static_cast<std::size_t>(batch.num_nodes)) {}

void TokenCounts::add(int rank, std::span<const std::uint16_t> experts) {
  ++num_tokens_;
  const std::size_t num_ranks = last_at_rank_.size(), num_nodes = last_at_node_.size();
  const auto source = static_cast<std::size_t>(rank);
  const std::size_t own = source / ranks_per_node_, index = source % ranks_per_node_;
  for (const std::uint16_t id : experts) {
    if (id == kNoExpert) continue;
    const std::size_t to_rank = id * num_ranks / num_experts_, to_node = id * num_nodes / num_experts_;
    load_.ranks[to_rank] += 1;
    if (std::exchange(last_at_rank_[to_rank], num_tokens_) != num_tokens_) ++rank_visits_;
    if (std::exchange(last_at_node_[to_node], num_tokens_) == num_tokens_) continue;
    ++node_visits_;
    if (to_node != own) load_.nics[index * num_nodes + to_node] += 1;
  }
}

MicroBatchLoad TokenCounts::take() {
  return std::exchange(load_, nothing(batch_, ranks_per_node_));
}

double TokenCounts::nodes_per_token() const {
  return num_tokens_ > 0 ? static_cast<double>(node_visits_) / static_cast<double>(num_tokens_) : 1;
}

double TokenCounts::ranks_per_token() const {
  return num_tokens_ > 0 ? static_cast<double>(rank_visits_) / static_cast<double>(num_tokens_) : 1;
}

}  // namespace moesim
