#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/spec.hpp"
#include "models/number_format.hpp"

namespace moesim {

/// Kernels of routed experts, as profiles name them (expert_curves.hpp).
enum class ExpertKernel : std::uint8_t { fused, fused_trtllm, deepep_normal, deepep_low_latency };
template <>
struct EnumNames<ExpertKernel> {
  static constexpr std::array<std::pair<ExpertKernel, std::string_view>, 4> table{
      {{ExpertKernel::fused, "fused"},
       {ExpertKernel::fused_trtllm, "fused_trtllm"},
       {ExpertKernel::deepep_normal, "deepep_normal"},
       {ExpertKernel::deepep_low_latency, "deepep_low_latency"}}};
};

/// How tokens reach routed experts and their results come back.
enum class ExpertTransfer : std::uint8_t {
  all_reduce,  ///< every GPU of a unit has all tokens and adds up partial results; with several attention
               ///< ranks tokens are gathered before and scattered behind, by NCCL
  all_gather,  ///< gathered over the attention ranks and reduce-scattered, by NCCL
  deepep_normal,
  deepep_low_latency
};
template <>
struct EnumNames<ExpertTransfer> {
  static constexpr std::array<std::pair<ExpertTransfer, std::string_view>, 4> table{
      {{ExpertTransfer::all_reduce, "all_reduce"},
       {ExpertTransfer::all_gather, "all_gather"},
       {ExpertTransfer::deepep_normal, "deepep_normal"},
       {ExpertTransfer::deepep_low_latency, "deepep_low_latency"}}};
};

enum class AllReduceKernel : std::uint8_t { custom, nccl };
template <>
struct EnumNames<AllReduceKernel> {
  static constexpr std::array<std::pair<AllReduceKernel, std::string_view>, 2> table{
      {{AllReduceKernel::custom, "custom"}, {AllReduceKernel::nccl, "nccl"}}};
};

/// What runs beside communication.
enum class BatchOverlap : std::uint8_t {
  none,
  two_batch,  ///< two micro-batches: one computes while the other communicates
  five_stage  ///< the same with attention split in two (DeepSeek's decode units)
};
template <>
struct EnumNames<BatchOverlap> {
  static constexpr std::array<std::pair<BatchOverlap, std::string_view>, 3> table{
      {{BatchOverlap::none, "none"},
       {BatchOverlap::two_batch, "two_batch"},
       {BatchOverlap::five_stage, "five_stage"}}};
};

/// How a stack runs prompts or decoding.
struct ServingPhasePolicy {
  ExpertKernel experts = ExpertKernel::fused;
  ExpertTransfer transfer = ExpertTransfer::all_reduce;
  BatchOverlap overlap = BatchOverlap::none;
  bool graph = false;  ///< kernels are launched by a CUDA graph
  int num_sms = 0;     ///< that a transfer takes from computation; 0: none
};
const Spec<ServingPhasePolicy>& spec_of(const ServingPhasePolicy*);

/// How a stack serves. Its numbers are constants of the stack.
struct ServingPolicy {
  ServingPhasePolicy prefill;                            ///< iterations with prompts
  ServingPhasePolicy decode;                             ///< iterations without
  AllReduceKernel all_reduce = AllReduceKernel::custom;  ///< where the profile has it, else NCCL's
  NumberFormat dispatch_format = NumberFormat::fp8;
  NumberFormat combine_format = NumberFormat::bf16;
  bool shared_in_experts = false;  ///< where every GPU has all tokens, shared experts are one more routed one
  /// Operators that other kernels do on the way while serving, with those of Stack::fused: classes, or whole
  /// names, "rms_norm.mlp".
  std::vector<std::string> fused;

  /// Whether the operator of that name is done on the way.
  [[nodiscard]] bool fuses(std::string_view operator_name) const;
};
const Spec<ServingPolicy>& spec_of(const ServingPolicy*);

}  // namespace moesim
