#pragma once

#include <cstddef>
#include <cstdint>

namespace moesim {

/// Floats that the kernels treat as one row of lanes, whatever the width of the registers. A sum over experts
/// adds expert i to lane i mod 16, experts in order; then lane i + 8 to i, i + 4 to i, i + 2 to i, 1 to 0.
inline constexpr int kGateLanes = 16;

/// What a kernel is given. Plain pointers and numbers: a source compiled for wide registers must not
/// instantiate inline functions that other sources share.
struct GateKernelInput {
  const float* logits = nullptr;  ///< [num_tokens, num_experts]
  const float* bias = nullptr;    ///< [num_experts rounded up to kGateLanes], zeros where there is none
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
  float* scratch = nullptr;          ///< [gate_scratch_floats], aligned to 64 bytes
};

/// Floats of scratch that a kernel needs: scores, biased scores, groups, candidates.
std::size_t gate_scratch_floats(int num_experts, int num_groups);

/// Fills experts, scores and score_sums. Returns the tokens before the first one with a logit that is not
/// finite: num_tokens when there is none.
using GateKernel = std::size_t (*)(const GateKernelInput&);

/// The readable twin of the others.
std::size_t route_scalar(const GateKernelInput& in);
std::size_t route_sse2(const GateKernelInput& in);
std::size_t route_avx2(const GateKernelInput& in);
std::size_t route_avx512(const GateKernelInput& in);

}  // namespace moesim
