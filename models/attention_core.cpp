#include "models/attention_widths.hpp"

namespace moesim {
namespace {

double real(std::int64_t count) {
  return static_cast<double>(count);
}

Operator core_operator(const AttentionWidths& shape, const OperatorContext& context) {
  Operator op;
  op.heads = shape.heads;
  op.kv_heads = shape.kv_heads;
  op.qk_dim = shape.qk;
  op.v_dim = shape.v;
  op.sequences = context.sequences();
  op.query_tokens = context.query_tokens;
  op.kv_tokens = context.past_tokens + context.query_tokens;
  op.causal = context.causal;
  return op;
}

/// Elements of the operands, and bytes of one FP32 per row and head.
struct Traffic {
  double q = 0, kv = 0, out = 0, row_sums = 0;
  Traffic(const AttentionWidths& s, const Operator& op)
      : q(s.rows * real(s.q_width())),
        kv(op.sequences * real(op.kv_tokens * s.kv_heads * (s.qk + s.v))),
        out(s.rows * real(s.out_width())),
        row_sums(s.rows * real(s.heads) * kFp32Element) {}
};

}  // namespace

double mean_kv_tokens(const OperatorContext& context) {
  return real(context.past_tokens) + real(context.query_tokens) * (context.causal ? 0.5 : 1.0);
}

double mean_decode_kv_tokens(const OperatorContext& context) {
  return real(context.past_tokens) + real(context.query_tokens + 1) / 2;
}

void append_query_key_norm(OperatorList& list, const AttentionWidths& shape) {
  if (!shape.qk_norm) return;
  const double width = real(shape.query_key_width());
  list.elementwise("rms_norm.query_key", shape.rows, width, width);
}

void append_qkv(OperatorList& list, const AttentionWidths& shape) {
  list.quantise("qkv_proj", shape.rows, real(shape.hidden));
  list.forward(shape.qkv_proj());
  append_query_key_norm(list, shape);
  const double rotated = real((shape.heads + shape.kv_heads) * shape.rope);
  list.elementwise("rope.query_key", shape.rows, rotated, rotated);
}

void append_core(OperatorList& list, const AttentionWidths& shape, const OperatorContext& context,
                 double kv_mean) {
  Operator op = core_operator(shape, context);
  op.name = "attention_core";
  const Traffic t(shape, op);
  const double flops = 2 * shape.rows * kv_mean * real(shape.heads * (shape.qk + shape.v));
  list.attention(op, flops, flops, (t.q + t.kv) * kBf16Element, t.out * kBf16Element + t.row_sums);
}

void append_core_backward(OperatorList& list, const AttentionWidths& shape, const OperatorContext& context,
                          double kv_mean) {
  Operator op = core_operator(shape, context);
  op.name = "attention_core_dgrad";
  op.role = OperatorRole::input_gradient;
  const Traffic t(shape, op);
  const double head_pairs = 2 * shape.rows * kv_mean * real(shape.heads);
  // Five products: scores again, dP = dO V^T, dV = P^T dO, dQ = dS K, dK = dS^T Q. dQ is summed in FP32.
  const double flops = head_pairs * real(3 * shape.qk + 2 * shape.v);
  const double q_sum = t.q * kFp32Element;
  list.small("attention_core_pre", 2 * t.out * kBf16Element, t.row_sums + q_sum);
  list.attention(op, flops, 2 * head_pairs * real(shape.qk + shape.v),
                 (t.q + t.kv + t.out) * kBf16Element + 2 * t.row_sums + q_sum, t.kv * kBf16Element + q_sum);
  list.small("attention_core_post", q_sum, t.q * kBf16Element);
}

void append_absorbed_core(OperatorList& list, const AttentionWidths& shape, const OperatorContext& context,
                          double kv_mean) {
  const double head_rows = shape.rows * real(shape.heads);
  // Batched over the heads: [rows, nope] x [nope, kv_lora], then [rows, kv_lora] x [kv_lora, v].
  list.forward_bf16({"mla_k_absorb", head_rows, shape.kv_lora, shape.nope, shape.heads});
  Operator op = core_operator(shape, context);
  op.name = "attention_core_absorbed";
  op.kv_heads = 1;
  op.qk_dim = shape.kv_lora + shape.rope;
  op.v_dim = shape.kv_lora;
  const double flops = 2 * head_rows * kv_mean * real(op.qk_dim + op.v_dim);
  const double cache = context.sequences() * real(op.kv_tokens * op.qk_dim);
  list.attention(op, flops, flops, (cache + head_rows * real(op.qk_dim)) * kBf16Element,
                 head_rows * real(op.v_dim) * kBf16Element);
  list.forward_bf16({"mla_v_absorb", head_rows, shape.v, shape.kv_lora, shape.heads});
}

}  // namespace moesim
