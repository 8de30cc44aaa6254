#pragma once

namespace moesim {

/// Where the top-k choices of one token fall.
struct ExpertSpread {
  int num_experts = 1;  ///< routed experts
  int top_k = 1;
  int num_gate_groups = 1;  ///< groups of the group-limited gate
  int kept_groups = 1;      ///< groups a token may choose from
};

/// Expected number of distinct places among `num_places` equal, contiguous blocks of experts that hold at
/// least one of a token's chosen experts, for uniform choices under the gate's group limit.
/// num_places is a multiple or a divisor of num_gate_groups. 256 experts, top-8 and no limit give
/// 7.267 for 32 places; with 4 of 8 groups kept, as in DeepSeek-V3, 3.629 for 8 places.
double expected_places(const ExpertSpread& spread, int num_places);

}  // namespace moesim
