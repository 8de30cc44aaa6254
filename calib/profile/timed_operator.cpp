#include "calib/profile/timed_operator.hpp"

namespace moesim {

std::vector<std::string> axes_of(TimedOperator op) {
  switch (op) {
    case TimedOperator::gemm:
      return {"m", "n", "k"};
    case TimedOperator::grouped_gemm:
    case TimedOperator::grouped_gemm_masked:
      return {"groups", "m", "n", "k"};
    case TimedOperator::attention_prefill:
      return {"heads", "qk_dim", "v_dim", "length"};
    case TimedOperator::gqa_prefill:
    case TimedOperator::gqa_decode:
      return {"head_dim", "heads", "kv_heads", "batch", "length"};
    case TimedOperator::expert_mlp:
      return {"hidden", "inter", "experts", "rows"};
    case TimedOperator::mla_decode:
      return {"heads", "queries", "batch", "length"};
    case TimedOperator::mla_prefill_absorbed:
      return {"heads", "batch", "length"};
    case TimedOperator::batched_gemm:
      return {"batch", "m", "n", "k"};
    case TimedOperator::elementwise:
      return {"rows", "columns"};
    case TimedOperator::copy:
      return {"bytes"};
    case TimedOperator::contention:
      return {"sms", "m", "n", "k"};
    case TimedOperator::dispatch_normal:
    case TimedOperator::combine_normal:
    case TimedOperator::dispatch_low_latency:
    case TimedOperator::combine_low_latency:
      return {"ep", "tokens", "top_k", "hidden"};
    case TimedOperator::all_reduce:
    case TimedOperator::all_gather:
    case TimedOperator::reduce_scatter:
    case TimedOperator::all_to_all:
    case TimedOperator::custom_all_reduce:
      return {"num_gpus", "bytes"};
    case TimedOperator::launch:
    case TimedOperator::link:
    case TimedOperator::phase:
    case TimedOperator::phase_part:
      return {};
  }
  return {};
}

std::vector<std::string> optional_axes_of(TimedOperator op) {
  switch (op) {
    case TimedOperator::attention_prefill:
      return {"batch"};  // sequences; absent: one
    case TimedOperator::expert_mlp:
      return {"max_rows",  // of the fullest expert; absent: as many as the others
              "tokens"};   // packed before and unpacked behind; absent: rows come packed
    case TimedOperator::dispatch_normal:
    case TimedOperator::combine_normal:
      return {"sms"};
    case TimedOperator::dispatch_low_latency:
    case TimedOperator::combine_low_latency:
      return {"experts"};  // of the whole group; absent: 256
    default:
      return {};
  }
}

}  // namespace moesim
