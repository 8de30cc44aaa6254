#include "calib/profile/calibrated_operator.hpp"

namespace moesim {

namespace {

std::string_view gemm_name(NumberFormat format) {
  switch (format) {
    case NumberFormat::bf16:
      return "gemm_bf16";
    case NumberFormat::fp8:
      return "gemm_fp8_block";
    case NumberFormat::mxfp8:
      return "gemm_mxfp8";
    default:
      return "gemm_fp32";
  }
}

std::string_view grouped_gemm_name(NumberFormat format) {
  return is_fp8(format) ? "grouped_gemm_fp8_block" : "grouped_gemm_bf16";
}

}  // namespace

bool lies_on_curves(const Entry& entry) {
  return entry.regime == Regime::isolated && (entry.name.empty() || entry.op == TimedOperator::expert_mlp);
}

std::string_view calibrated_operator(const Entry& entry) {
  if (!lies_on_curves(entry)) return "";
  switch (entry.op) {
    case TimedOperator::gemm:
      return gemm_name(entry.format);
    case TimedOperator::grouped_gemm:
    case TimedOperator::grouped_gemm_masked:
      return grouped_gemm_name(entry.format);
    case TimedOperator::batched_gemm:
      return "batched_gemm";
    case TimedOperator::attention_prefill:
    case TimedOperator::mla_prefill_absorbed:
      return "mla_prefill";
    case TimedOperator::mla_decode:
      return "mla_decode";
    case TimedOperator::gqa_prefill:
      return "gqa_prefill";
    case TimedOperator::gqa_decode:
      return "gqa_decode";
    case TimedOperator::expert_mlp:
      return "expert_mlp";
    case TimedOperator::dispatch_low_latency:
    case TimedOperator::combine_low_latency:
      return "dispatch_low_latency";
    case TimedOperator::dispatch_normal:
    case TimedOperator::combine_normal:
      return "dispatch_normal";
    case TimedOperator::all_reduce:
    case TimedOperator::all_gather:
    case TimedOperator::reduce_scatter:
    case TimedOperator::all_to_all:
      return "nccl";
    case TimedOperator::custom_all_reduce:
      return "custom_all_reduce";
    default:
      return "";
  }
}

}  // namespace moesim
