// Attention cores and collectives of a layer.
#include <algorithm>

#include "models/operator_list.hpp"
#include "sim/serving/step/layer_times.hpp"

namespace moesim {

namespace {

double real(std::int64_t count) {
  return static_cast<double>(count);
}

// Where a profile has no all-reduce: assumed start and share of NVLink.
constexpr double kCollectiveStart = 10e-6;
constexpr double kNvlinkShare = 0.7;

TimeEstimate by_rule(double seconds) {
  return {seconds, Provenance::assumed, "", seconds, seconds, Grade::rule};
}

}  // namespace

PartTime LayerTimes::absorbing(double tokens) const {
  const MlaDims& mla = input_.model->mla;
  PartTime out;
  for (const auto& [n, k] :
       {std::pair{mla.kv_lora_rank, mla.qk_nope}, std::pair{mla.v_head, mla.kv_lora_rank}}) {
    const BatchedGemmShape shape{NumberFormat::bf16, real(heads_), tokens, real(n), real(k)};
    out += computed(input_.profile->batched_gemm(shape), shape.format, shape.flops(), shape.bytes(), 1);
  }
  return out;
}

PartTime LayerTimes::decode_core(double sequences, double mean_kv, int query_tokens) const {
  if (sequences <= 0) return {};
  const ModelSpec& model = *input_.model;
  const double batch = std::max(sequences, 1.0), length = std::max(mean_kv, 1.0);
  if (model.uses_mla()) {
    const MlaDecodeShape shape{real(heads_), real(query_tokens), batch, length, input_.pool->kv_format};
    return absorbing(batch * query_tokens) +
           computed(input_.profile->mla_decode(shape), NumberFormat::bf16, shape.flops(), shape.bytes(), 1);
  }
  // Queries of one sequence share its keys as the heads of one group do.
  const GqaDecodeShape shape{real(model.head_dim), real(heads_ * query_tokens), real(kv_heads_), batch,
                             length};
  return computed(input_.profile->gqa_decode(shape), NumberFormat::bf16, shape.flops(), shape.bytes(), 1);
}

PartTime LayerTimes::expanded_core(double prompts, double length, double past) const {
  const MlaDims& mla = input_.model->mla;
  const double rows = prompts * (length + past);
  const double key = real(heads_ * mla.qk_nope + mla.qk_rope), value = real(heads_ * mla.v_head);
  PartTime out = gemm(attention_format(), rows, real(heads_ * (mla.qk_nope + mla.v_head)),
                      real(mla.kv_lora_rank), sustained_);
  if (is_fp8(attention_format()) && !fuses("quantise.kv_up"))
    out += small(rows * real(mla.kv_lora_rank) * (kBf16Element + kFp8Element));
  if (!fuses("assemble_key"))
    out += small(rows * (key + real(heads_ * (mla.qk_nope + mla.qk_rope))) * kBf16Element);
  const AttentionShape shape{
      real(heads_), real(mla.qk_nope + mla.qk_rope), real(mla.v_head), length, past, prompts, true,
      real(heads_)};
  const double bytes = rows * (key + value) * kBf16Element;
  return out +
         computed(input_.profile->attention(shape), NumberFormat::bf16, shape.flops(), bytes, sustained_);
}

PartTime LayerTimes::absorbed_core(double prompts, double length, double past) const {
  const AttentionShape shape{real(heads_), kAbsorbedQkDim, kAbsorbedVDim, length, past, prompts, true, 1};
  const double bytes =
      prompts *
      ((length + past) * kAbsorbedQkDim + length * real(heads_) * (kAbsorbedQkDim + kAbsorbedVDim)) *
      kBf16Element;
  return absorbing(prompts * length) +
         computed(input_.profile->attention(shape), NumberFormat::bf16, shape.flops(), bytes, sustained_);
}

bool LayerTimes::absorbs(double prompts, double length, double past) const {
  return input_.model->uses_mla() &&
         absorbed_core(prompts, length, past).seconds < expanded_core(prompts, length, past).seconds;
}

PartTime LayerTimes::prompt_core(double prompts, double length, double past) const {
  if (prompts <= 0 || length <= 0) return {};
  if (prompts < 1) return prompt_core(1, length, past) * prompts;
  length = std::max(length, 1.0);
  const ModelSpec& model = *input_.model;
  if (model.uses_mla()) {
    const PartTime expanded = expanded_core(prompts, length, past);
    const PartTime absorbed = absorbed_core(prompts, length, past);
    return absorbed.seconds < expanded.seconds ? absorbed : expanded;
  }
  const double width = real(model.head_dim);
  const AttentionShape shape{real(heads_), width, width, length, past, prompts, true, real(kv_heads_)};
  const double bytes = 2 * prompts * ((length + past) * kv_heads_ + length * heads_) * width * kBf16Element;
  return computed(input_.profile->attention(shape), NumberFormat::bf16, shape.flops(), bytes, sustained_);
}

PartTime LayerTimes::attention(const RankLoad& load) const {
  const double tokens = load.tokens();
  if (tokens <= 0) return {};
  PartTime out = attention_linear(tokens, load.prompt_tokens > 0);
  if (load.sequences > 0)
    out += decode_core(load.sequences, load.kv_tokens / load.sequences, load.query_tokens);
  if (load.prompts <= 0 || load.prompt_tokens <= 0) return out;
  const double length = load.prompt_tokens / load.prompts, past = load.past_tokens / load.prompts;
  const double pairs = load.prompts * (length * past + length * length / 2);
  const double share = load.prompt_pairs > 0 ? load.prompt_pairs / pairs : 1;
  return out + prompt_core(load.prompts, length, past) * share;
}

PartTime LayerTimes::collective(const TimeEstimate& estimate, double bytes) const {
  TimeEstimate time = estimate;
  time.seconds += skew_;
  PartTime out = part_of(time);
  out.hbm_bytes = bytes;
  return out;
}

PartTime LayerTimes::all_reduce(double tokens, int gpus) const {
  if (gpus <= 1 || tokens <= 0) return {};
  const Bytes buffer(tokens * real(input_.model->hidden) * kBf16Element);
  auto best = input_.profile->nccl_time(TimedOperator::all_reduce, gpus, buffer);
  if (input_.stack->serving->all_reduce == AllReduceKernel::custom) {
    const auto custom = input_.profile->custom_all_reduce(gpus, buffer);
    if (custom && (!best || custom->seconds < best->seconds)) best = custom;
  }
  const double nvlink = input_.cluster->nvlink.bandwidth.value();
  const TimeEstimate rule =
      by_rule(kCollectiveStart + 2.0 * (gpus - 1) / gpus * buffer.value() / (kNvlinkShare * nvlink));
  return collective(best.value_or(rule), 2 * buffer.value());
}

PartTime LayerTimes::gather_scatter(double tokens) const {
  const int ranks = input_.pool->layout.attention_ranks();
  if (ranks <= 1 || tokens <= 0) return {};
  const Bytes buffer(tokens * real(input_.model->hidden) * kBf16Element);
  const double nvlink = input_.cluster->nvlink.bandwidth.value();
  const TimeEstimate rule =
      by_rule(kCollectiveStart + (ranks - 1.0) / ranks * buffer.value() / (kNvlinkShare * nvlink));
  PartTime out;
  for (const TimedOperator op : {TimedOperator::all_gather, TimedOperator::reduce_scatter})
    out += collective(input_.profile->nccl_time(op, ranks, buffer).value_or(rule), 2 * buffer.value());
  return out;
}

}  // namespace moesim
