#include "calib/measure/token_layout.hpp"

#include "calib/measure/random_routing.hpp"

namespace moesim {
namespace {

using Index = std::size_t;

CopyTargets empty_targets(std::size_t copies, int num_ranks) {
  CopyTargets result;
  result.targets.resize(copies);
  result.rows_to.resize(static_cast<Index>(num_ranks));
  return result;
}

}  // namespace

TokenLayout layout_by_expert(std::span<const int> experts, int num_experts, int alignment) {
  TokenLayout layout;
  layout.counts = tokens_per_expert(experts, num_experts);
  layout.offsets.push_back(0);
  for (int count : layout.counts)
    layout.offsets.push_back(layout.offsets.back() + (count + alignment - 1) / alignment * alignment);
  std::vector<int> next(layout.offsets.begin(), layout.offsets.end() - 1);
  for (int e : experts) layout.position.push_back(next[static_cast<Index>(e)]++);
  return layout;
}

CopyTargets targets_by_rank(std::span<const int> experts, int top_k, int num_experts, int num_ranks,
                            int source) {
  CopyTargets result = empty_targets(experts.size(), num_ranks);
  const int per_rank = num_experts / num_ranks;
  const int tokens = static_cast<int>(experts.size()) / top_k;
  for (int t = 0; t < tokens; ++t) {
    const auto first = static_cast<Index>(t) * static_cast<Index>(top_k);
    Index used = 0;
    for (Index j = 0; j < static_cast<Index>(top_k); ++j) {
      const int rank = experts[first + j] / per_rank;
      bool seen = false;
      for (Index i = 0; i < used; ++i) seen = seen || result.targets[first + i].rank == rank;
      if (seen) continue;
      const int row = source * tokens + result.rows_to[static_cast<Index>(rank)]++;
      result.targets[first + used++] = {rank, row};
    }
  }
  return result;
}

CopyTargets targets_by_expert(std::span<const int> experts, int top_k, int num_experts, int num_ranks,
                              int source) {
  CopyTargets result = empty_targets(experts.size(), num_ranks);
  const int per_rank = num_experts / num_ranks;
  const int tokens = static_cast<int>(experts.size()) / top_k;
  std::vector<int> next(static_cast<Index>(num_experts));
  for (Index i = 0; i < experts.size(); ++i) {
    const int e = experts[i];
    const int rank = e / per_rank;
    const int slot = next[static_cast<Index>(e)]++;
    result.targets[i] = {rank, ((e % per_rank) * num_ranks + source) * tokens + slot};
    ++result.rows_to[static_cast<Index>(rank)];
  }
  return result;
}

}  // namespace moesim
