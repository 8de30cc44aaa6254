#include "calib/profile/predict.hpp"

#include "calib/profile/calibrated_operator.hpp"

namespace moesim {

namespace {

TimeEstimate predict_gemm(const CalibrationProfile& profile, const Entry& e) {
  const double groups = e.op == TimedOperator::gemm ? 1 : e.axis("groups");
  return profile.gemm({e.format, e.axis("m"), e.axis("n"), e.axis("k"), groups, e.role});
}

AttentionRole attention_role(const Entry& e) {
  return e.role == GemmRole::forward ? AttentionRole::forward : AttentionRole::backward;
}

TimeEstimate predict_attention(const CalibrationProfile& profile, const Entry& e) {
  const double batch = e.axes.contains("batch") ? e.axis("batch") : 1;
  return profile.attention({e.axis("heads"), e.axis("qk_dim"), e.axis("v_dim"), e.axis("length"), 0, batch},
                           attention_role(e));
}

TimeEstimate predict_absorbed(const CalibrationProfile& profile, const Entry& e) {
  return profile.attention(
      {e.axis("heads"), kAbsorbedQkDim, kAbsorbedVDim, e.axis("length"), 0, e.axis("batch"), true, 1},
      attention_role(e));
}

TimeEstimate predict_gqa(const CalibrationProfile& profile, const Entry& e) {
  const double dim = e.axis("head_dim");
  return profile.attention({e.axis("heads"), dim, value_dim_of(dim), e.axis("length"), 0, e.axis("batch"),
                            true, e.axis("kv_heads")},
                           attention_role(e));
}

TimeEstimate predict_low_latency(const CalibrationProfile& profile, const TransferShape& s) {
  return profile.low_latency(s.op, s.ep, s.tokens, s.top_k, s.hidden, s.experts);
}

}  // namespace

std::optional<TimeEstimate> predict(const CalibrationProfile& profile, const Entry& entry) {
  if (!lies_on_curves(entry)) return std::nullopt;
  switch (entry.op) {
    case TimedOperator::gemm:
    case TimedOperator::grouped_gemm:
    case TimedOperator::grouped_gemm_masked:
      return predict_gemm(profile, entry);
    case TimedOperator::attention_prefill:
      return predict_attention(profile, entry);
    case TimedOperator::mla_prefill_absorbed:
      return predict_absorbed(profile, entry);
    case TimedOperator::gqa_prefill:
      return predict_gqa(profile, entry);
    case TimedOperator::mla_decode:
      return profile.mla_decode({entry.axis("heads"), entry.axis("queries"), entry.axis("batch"),
                                 entry.axis("length"), entry.format});
    case TimedOperator::gqa_decode:
      return profile.gqa_decode({entry.axis("head_dim"), entry.axis("heads"), entry.axis("kv_heads"),
                                 entry.axis("batch"), entry.axis("length")});
    case TimedOperator::all_reduce:
    case TimedOperator::all_gather:
    case TimedOperator::reduce_scatter:
    case TimedOperator::all_to_all:
      return profile.nccl_time(entry.op, static_cast<int>(entry.axis("num_gpus")),
                               Bytes(entry.axis("bytes")));
    case TimedOperator::dispatch_low_latency:
    case TimedOperator::combine_low_latency:
      return predict_low_latency(profile, transfer_shape_of(entry));
    case TimedOperator::dispatch_normal:
    case TimedOperator::combine_normal:
      return profile.serving_curves().transfer(transfer_shape_of(entry));
    case TimedOperator::expert_mlp:
      return profile.serving_curves().experts(entry.name, expert_shape_of(entry));
    case TimedOperator::batched_gemm:
      return profile.serving_curves().batched_gemm(batched_shape_of(entry));
    case TimedOperator::custom_all_reduce:
      return profile.custom_all_reduce(static_cast<int>(entry.axis("num_gpus")), Bytes(entry.axis("bytes")));
    default:
      return std::nullopt;
  }
}

}  // namespace moesim
