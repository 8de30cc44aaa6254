#pragma once

#include <cstddef>
#include <cstdint>

namespace moesim {

/// Floats that the kernels treat as one row of lanes, whatever the width of the registers. A sum over experts
/// adds expert i to lane i mod 16, experts in order; then lane i + 8 to i, i + 4 to i, i + 2 to i, 1 to 0.
inline constexpr int kGateLanes = 16;
/// Up to this many candidates are ranked by comparing all pairs; more are inserted one by one.
inline constexpr int kMaxRanked = 64;

/// Memory of a kernel beside its input, aligned to 64 bytes each. `padded`: up to whole rows of kGateLanes,
/// group by group where groups limit.
struct GateScratch {
  float* scores = nullptr;        ///< [padded num_experts]
  float* biased = nullptr;        ///< [padded num_experts]
  float* grouped = nullptr;       ///< [num_groups, padded group], where groups are no whole rows
  float* tail = nullptr;          ///< [kGateLanes] logits of the last row
  float* valid = nullptr;         ///< [kGateLanes] 1 for experts of the last row, 0 beyond
  float* group_scores = nullptr;  ///< [padded num_groups]
  float* group_ranks = nullptr;   ///< [padded num_groups]
  float* candidates = nullptr;    ///< [2 kMaxRanked] their scores and ranks
  int* rows = nullptr;            ///< [all rows] where those begin that a token may choose from
  int* positions = nullptr;       ///< [all padded experts] of candidates
  int* best = nullptr;            ///< [max(kMaxRanked, top_k)] positions of the chosen
  double* sums = nullptr;         ///< [padded num_experts]
};

/// What a kernel is given. Plain pointers and numbers: a source compiled for wide registers must not
/// instantiate inline functions that other sources share.
struct GateKernelInput {
  const float* logits = nullptr;  ///< [num_tokens, num_experts]
  const float* bias = nullptr;    ///< [padded num_experts], -inf beyond the experts
  std::size_t num_tokens = 0;
  int num_experts = 1;
  int num_groups = 1;  ///< 1 where groups do not limit
  int topk_groups = 1;
  int top_k = 1;
  bool sigmoid = false;
  bool sum_of_two_best = false;      ///< the group score; else the best
  float masked = 0;                  ///< biased score of an expert outside the kept groups: -inf or 0
  std::uint16_t* experts = nullptr;  ///< [num_tokens, top_k], best first
  float* scores = nullptr;           ///< [num_tokens, top_k], unbiased
  double* score_sums = nullptr;      ///< [num_experts] += s / sum(s), or null
  GateScratch scratch;               ///< unused by the scalar kernel
};

/// Fills experts, scores and score_sums. Returns the tokens before the first one with a logit that is not
/// finite: num_tokens when there is none.
using GateKernel = std::size_t (*)(const GateKernelInput&);

/// The readable twin of the others.
std::size_t route_scalar(const GateKernelInput& in);
std::size_t route_sse2(const GateKernelInput& in);
std::size_t route_avx2(const GateKernelInput& in);
std::size_t route_avx512(const GateKernelInput& in);

}  // namespace moesim
