#pragma once

#include <span>
#include <vector>

namespace moesim {

/// Where the copies of tokens lie once they are packed by expert: the reference of the device's count and
/// permute kernels.
struct TokenLayout {
  std::vector<int> counts;    ///< copies of each expert, [num_experts]
  std::vector<int> offsets;   ///< first row of each expert and the number of rows, [num_experts + 1]
  std::vector<int> position;  ///< row of each copy, [tokens, top_k]; the order of tokens stays in an expert
};

/// Every expert's block starts at a multiple of `alignment` rows, as grouped GEMMs want it.
TokenLayout layout_by_expert(std::span<const int> experts, int num_experts, int alignment);

/// Where a copy of a token goes: a row of the receive buffer of a rank. rank -1: no copy.
struct CopyTarget {
  int rank = -1;
  int row = 0;
  bool operator==(const CopyTarget&) const = default;
};

/// The targets of one source rank's tokens, [tokens, top_k]; those of a token stand first, without gaps.
struct CopyTargets {
  std::vector<CopyTarget> targets;
  std::vector<int> rows_to;  ///< copies sent to each rank, [num_ranks]
};

/// Normal mode: a token goes once to each rank that holds one of its experts. The buffer of a receiver is
/// [num_ranks, tokens] rows: each source has a region, which it fills from the front in the order of tokens.
CopyTargets targets_by_rank(std::span<const int> experts, int top_k, int num_experts, int num_ranks,
                            int source);

/// Low-latency mode: a token goes once to each of its experts. The buffer of a receiver is
/// [experts of the rank, num_ranks, tokens] rows.
CopyTargets targets_by_expert(std::span<const int> experts, int top_k, int num_experts, int num_ranks,
                              int source);

}  // namespace moesim
