// Rows of attention tables.
#include "calib/import/row_readers.hpp"

namespace moesim {

namespace {

/// Heads of this width have values of another, which the table does not hold.
constexpr double kUnequalHead = 192;

}  // namespace

/// Whole prompts in BF16, without window and earlier tokens.
std::optional<KernelRow> read_attention(const Fields& fields) {
  const double batch = fields.positive("batch_size"), length = fields.positive("isl"),
               heads = fields.positive("num_heads"), kv_heads = fields.positive("num_key_value_heads"),
               dim = fields.positive("head_dim");
  const bool whole = fields.number("step") == 0 && fields.number("window_size") == 0;
  const bool bf16 = fields.text("attn_dtype") == "bfloat16" && fields.text("kv_cache_dtype") == "bfloat16";
  if (!whole || !bf16 || dim == kUnequalHead || fields.text("op_name") != "context_attention")
    return std::nullopt;
  KernelRow row{.op = TimedOperator::gqa_prefill, .axes = {dim, heads, kv_heads, batch, length}};
  row.flops = 2 * batch * heads * dim * length * length;
  row.hbm_bytes = kHalfBytes * 2 * batch * length * dim * (heads + kv_heads);
  return row;
}

}  // namespace moesim
