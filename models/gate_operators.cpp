#include "models/operator_list.hpp"

namespace moesim {
namespace {

double real(std::int64_t count) {
  return static_cast<double>(count);
}

constexpr double kIndexBytes = 8;  // expert ids are 64-bit

/// Affinities, group limit, top-k and routing weights on [rows, num_experts] in FP32.
void append_routing(OperatorList& list, const ModelSpec& spec, double rows, bool training) {
  const double scores = rows * spec.num_experts * kFp32Element;
  const double chosen = rows * spec.top_k;
  list.small("gate_score", scores, scores);
  if (spec.num_groups > 1) {
    list.small("gate_top_k.groups", scores, rows * spec.topk_groups * kIndexBytes);
    list.small("gate_top_k.mask", scores, scores);
  }
  list.small("gate_top_k.experts", scores, chosen * (kFp32Element + kIndexBytes));
  // Gather, sum, divide, scale.
  list.small("gate_weights", chosen * kFp32Element, chosen * kFp32Element, 4);
  if (training) {
    list.small("balance_loss.probabilities", scores, spec.num_experts * kFp32Element);
    list.small("balance_loss.counts", chosen * kIndexBytes, spec.num_experts * kFp32Element);
  }
}

}  // namespace

void append_gate(OperatorList& list, const ModelSpec& spec, Pass pass, const OperatorContext& context) {
  const double rows = context.residual_tokens();
  const double scores = rows * spec.num_experts * kFp32Element;
  const Linear gate{"gate", rows, spec.num_experts, spec.hidden, 1};
  const Linear shared_gate{"shared_gate", rows, 1, spec.hidden, 1};
  switch (pass) {
    case Pass::forward:
    case Pass::prefill:
    case Pass::decode:
      list.forward_bf16(gate, NumberFormat::fp32);
      if (spec.shared_gate) list.forward_bf16(shared_gate, NumberFormat::fp32);
      append_routing(list, spec, rows, pass == Pass::forward);
      list.quantise("dispatch", rows, real(spec.hidden));
      return;
    case Pass::input_gradient:
      list.small("gate_weights_backward", scores, scores, 4);
      list.input_gradient_bf16(gate);
      list.weight_gradient_bf16(gate);  // too small to defer: it runs with B, as in the published profile
      if (spec.shared_gate) {
        list.input_gradient_bf16(shared_gate);
        list.weight_gradient_bf16(shared_gate);
      }
      list.elementwise("add_gradient.mlp", rows, 2 * real(spec.hidden), real(spec.hidden));
      return;
    case Pass::weight_gradient:
      return;
  }
}

}  // namespace moesim
