#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/spec.hpp"

namespace moesim {

/// What an entry times; the axes of each are in axes_of().
enum class TimedOperator {
  gemm,
  grouped_gemm,         ///< contiguous layout: `groups` experts of `m` rows each
  grouped_gemm_masked,  ///< at most `m` rows per expert, for decode
  attention_prefill,
  mla_prefill_absorbed,  ///< latent attention of prompts in its absorbed form, 576 and 512 wide
  gqa_prefill,           ///< causal grouped-query attention of `batch` sequences
  gqa_decode,            ///< one query token of each of `batch` sequences against `length` cached ones
  expert_mlp,            ///< both GEMMs and the activation of routed experts, with packing
  mla_decode,            ///< absorbed, `queries` query tokens of each sequence against `length` cached ones
  batched_gemm,          ///< `batch` products of one shape, as the absorbed projections of latent attention
  elementwise,           ///< a small kernel over `rows` x `columns` elements; `name` says which
  copy,                  ///< device memory, read and written; `name` says how
  launch,                ///< what a kernel launch adds; `name` says whether in a graph
  contention,            ///< a GEMM beside a copy kernel on `sms` SMs
  dispatch_normal,
  combine_normal,
  dispatch_low_latency,
  combine_low_latency,
  all_reduce,  ///< of NCCL inside one node, like the next three
  all_gather,
  reduce_scatter,
  all_to_all,
  custom_all_reduce,  ///< of a serving framework over NVLink, in a CUDA graph
  link,
  phase,       ///< the span of one phase of an overlapped layer
  phase_part,  ///< one kind of kernel inside such a phase
};

template <>
struct EnumNames<TimedOperator> {
  static constexpr std::array<std::pair<TimedOperator, std::string_view>, 26> table{{
      {TimedOperator::gemm, "gemm"},
      {TimedOperator::grouped_gemm, "grouped_gemm"},
      {TimedOperator::grouped_gemm_masked, "grouped_gemm_masked"},
      {TimedOperator::attention_prefill, "attention_prefill"},
      {TimedOperator::mla_prefill_absorbed, "mla_prefill_absorbed"},
      {TimedOperator::gqa_prefill, "gqa_prefill"},
      {TimedOperator::gqa_decode, "gqa_decode"},
      {TimedOperator::expert_mlp, "expert_mlp"},
      {TimedOperator::mla_decode, "mla_decode"},
      {TimedOperator::batched_gemm, "batched_gemm"},
      {TimedOperator::elementwise, "elementwise"},
      {TimedOperator::copy, "copy"},
      {TimedOperator::launch, "launch"},
      {TimedOperator::contention, "contention"},
      {TimedOperator::dispatch_normal, "dispatch_normal"},
      {TimedOperator::combine_normal, "combine_normal"},
      {TimedOperator::dispatch_low_latency, "dispatch_low_latency"},
      {TimedOperator::combine_low_latency, "combine_low_latency"},
      {TimedOperator::all_reduce, "all_reduce"},
      {TimedOperator::all_gather, "all_gather"},
      {TimedOperator::reduce_scatter, "reduce_scatter"},
      {TimedOperator::all_to_all, "all_to_all"},
      {TimedOperator::custom_all_reduce, "custom_all_reduce"},
      {TimedOperator::link, "link"},
      {TimedOperator::phase, "phase"},
      {TimedOperator::phase_part, "phase_part"},
  }};
};

/// The axes that an entry of this operator has.
std::vector<std::string> axes_of(TimedOperator op);

/// Axes that it may have besides: they name a condition that the source states, as the SMs of a transfer.
std::vector<std::string> optional_axes_of(TimedOperator op);

}  // namespace moesim
