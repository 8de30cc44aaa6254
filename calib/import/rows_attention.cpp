// Rows of attention tables. Why they are read as they are: docs/calibration.md.
#include "calib/import/row_readers.hpp"

#include "calib/profile/attention_curves.hpp"

namespace moesim {

namespace {

/// Heads of this width have values of 128: decode rows would need 107 % of the HBM bandwidth of H100 with
/// values of 192, 89 % with 128.
constexpr double kUnequalHead = 192;

/// The kernel of frameworks for what their library does not take, several times slower.
constexpr std::string_view kFallbackKernel = "triton";

KernelRow with_work(KernelRow row, double flops, double bytes) {
  row.flops = flops;
  row.hbm_bytes = bytes;
  return row;
}

/// Prompts of grouped-query attention; of unequal heads those of the kernels that latent attention has too.
std::optional<KernelRow> read_prompts(const Fields& fields, PrefillShape shape) {
  const bool unequal = shape.qk_dim != shape.v_dim;
  if (fields.number("step") != 0 || (unequal && fields.text("kernel_source") == kFallbackKernel))
    return std::nullopt;
  shape.length = fields.positive("isl");
  return with_work({.op = TimedOperator::gqa_prefill,
                    .axes = {shape.qk_dim, shape.heads, shape.kv_heads, shape.batch, shape.length}},
                   shape.flops(), shape.bytes());
}

/// One new token behind `step` cached ones, itself included in what is read.
std::optional<KernelRow> read_decode(const Fields& fields, const PrefillShape& heads) {
  if (heads.qk_dim == kUnequalHead) return std::nullopt;
  const GqaDecodeShape shape{heads.qk_dim, heads.heads, heads.kv_heads, heads.batch,
                             fields.positive("isl") + fields.number("step")};
  return with_work({.op = TimedOperator::gqa_decode,
                    .axes = {shape.head_dim, shape.heads, shape.kv_heads, shape.batch, shape.length}},
                   shape.flops(), shape.bytes());
}

}  // namespace

/// BF16, without window.
std::optional<KernelRow> read_attention(const Fields& fields) {
  const double dim = fields.positive("head_dim");
  const PrefillShape shape{fields.positive("num_heads"), fields.positive("num_key_value_heads"), dim,
                           value_dim_of(dim), fields.positive("batch_size")};
  const bool bf16 = fields.text("attn_dtype") == "bfloat16" && fields.text("kv_cache_dtype") == "bfloat16";
  if (!bf16 || fields.number("window_size") != 0) return std::nullopt;
  if (fields.text("op_name") == "context_attention") return read_prompts(fields, shape);
  if (fields.text("op_name") == "generation_attention") return read_decode(fields, shape);
  return std::nullopt;
}

/// `num_heads` is of one GPU, whatever tp_size says. FlashAttention runs prompts in the absorbed form (66 %
/// of the BF16 peak of H100 at most), TensorRT-LLM's kernel does not (211 % of that of B200 if it did, 62 %
/// at widths of 192 and 128). A cache in FP8 counts where the kernel has a path for it: the rows of
/// FlashAttention are slower than BF16 everywhere. Tables with GEMMs time the whole attention block.
std::optional<KernelRow> read_latent_attention(const Fields& fields) {
  const double heads = fields.positive("num_heads"), batch = fields.positive("batch_size"),
               length = fields.positive("isl") + fields.number("step");
  const bool bf16 = fields.text("kv_cache_dtype") == "bfloat16";
  const bool trtllm = fields.text("kernel_source") == "trtllm_mla";
  if (fields.table.has_column("gemm_type") || fields.text("mla_dtype") != "bfloat16") return std::nullopt;
  if (fields.text("op_name") == "mla_generation") {
    if (!bf16 && !trtllm) return std::nullopt;
    const auto format = bf16 ? NumberFormat::bf16 : NumberFormat::fp8;
    const MlaDecodeShape shape{heads, 1, batch, length, format};
    return with_work({.op = TimedOperator::mla_decode, .format = format, .axes = {heads, 1, batch, length}},
                     shape.flops(), shape.bytes());
  }
  if (fields.text("op_name") != "mla_context" || !bf16 || fields.number("step") != 0) return std::nullopt;
  if (trtllm) {
    const PrefillShape shape{heads, heads, kUnequalHead, value_dim_of(kUnequalHead), batch, length};
    return with_work(
        {.op = TimedOperator::attention_prefill, .axes = {heads, shape.qk_dim, shape.v_dim, length, batch}},
        shape.flops(), shape.bytes());
  }
  const PrefillShape shape{heads, 1, kAbsorbedQkDim, kAbsorbedVDim, batch, length};
  return with_work({.op = TimedOperator::mla_prefill_absorbed, .axes = {heads, batch, length}}, shape.flops(),
                   shape.bytes());
}

}  // namespace moesim
