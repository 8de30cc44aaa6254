#include "models/mlp_passes.hpp"

namespace moesim {
namespace {

double real(std::int64_t count) {
  return static_cast<double>(count);
}

constexpr double kIndexBytes = 8;  // expert ids are 64-bit

struct Experts {
  double rows = 0;      ///< over the local experts
  double received = 0;  ///< tokens, each once
  double hidden = 0;
  double width = 0;       ///< of one expert, split by etp
  double dispatched = 0;  ///< bytes of an element as dispatch sends it
  double top_k = 0;
  Linear gate_up, down;

  Experts(const ModelSpec& spec, const OperatorContext& context)
      : rows(context.expert_tokens),
        received(context.received_tokens > 0 ? context.received_tokens : context.expert_tokens),
        hidden(real(spec.hidden)),
        width(real(spec.expert_intermediate / context.etp)),
        dispatched(is_fp8(context.format) ? kFp8Element : kBf16Element),
        top_k(spec.top_k),
        gate_up{"routed_gate_up", rows, 2 * (spec.expert_intermediate / context.etp), spec.hidden,
                context.local_experts},
        down{"routed_down", rows, spec.hidden, spec.expert_intermediate / context.etp,
             context.local_experts} {}
};

/// Received tokens into the order of the experts: a token that several local experts share is read once for
/// each.
void append_permute(OperatorList& list, const char* name, const Experts& e) {
  list.small(name, e.rows * e.hidden * e.dispatched, e.rows * e.hidden * e.dispatched);
}

/// Rows of the experts summed into received tokens.
void append_unpermute(OperatorList& list, const char* name, const Experts& e) {
  list.elementwise(name, 1, e.rows * e.hidden, e.received * e.hidden);
}

void append_permute_index(OperatorList& list, const Experts& e) {
  const double ids = e.received * e.top_k * kIndexBytes;
  list.small("permute_index.count", ids, real(e.gate_up.groups) * kIndexBytes);
  list.small("permute_index.map", ids, ids);
}

/// `keeps_input`: the input of SwiGLU, for a backward pass that does not compute it again.
void append_routed_forward(OperatorList& list, const Experts& e, Pass pass, bool keeps_input) {
  const bool training = pass == Pass::forward;
  const bool permutes =
      pass != Pass::decode;  // low-latency dispatch delivers rows by expert, its combine sums them
  if (permutes) {
    append_permute_index(list, e);
    append_permute(list, "permute", e);
  }
  // Training keeps expert weights in the layout of the input gradient; serving in that of the forward
  // product.
  if (training) list.transpose_weight("routed_gate_up", e.gate_up.n, e.gate_up.k, e.gate_up.groups);
  list.forward(e.gate_up);
  append_swiglu(list, "routed", e.rows, e.width);
  if (training) list.transpose_weight("routed_down", e.down.n, e.down.k, e.down.groups);
  list.forward(e.down);
  if (permutes) append_unpermute(list, "unpermute", e);
  if (training && keeps_input) list.quantise("routed_swiglu_input", e.rows, 2 * e.width);
}

void append_routed_down_backward(OperatorList& list, const Experts& e, const RecomputeChoices& recompute) {
  if (!recompute.moe) list.dequantise("routed_swiglu_input", e.rows, 2 * e.width);
  append_permute(list, "permute.gradient", e);
  list.input_gradient(e.down);
  // Input and output gradient in, input gradient out, with the recomputed output where it is needed.
  const bool writes_output = list.fp8() || (recompute.swiglu && !recompute.moe);
  list.elementwise("swiglu_backward.routed", e.rows, 3 * e.width, (writes_output ? 3 : 2) * e.width);
  // Gradient of the routing weight: output times output gradient, summed over a row.
  list.small("swiglu_weight_backward.routed", e.rows * 2 * e.width * kBf16Element, e.rows * kFp32Element);
  list.cast_transpose("routed_swiglu_output", e.rows, e.width);
}

void append_routed_gate_up_backward(OperatorList& list, const Experts& e) {
  list.quantise("routed_swiglu_gradient", e.rows, 2 * e.width);
  list.input_gradient(e.gate_up);
  append_unpermute(list, "unpermute.gradient", e);
  list.cast_transpose("routed_swiglu_gradient", e.rows, 2 * e.width);
}

/// The shared experts' output times its gate, one number a token.
void append_shared_scale(OperatorList& list, const OperatorContext& context, double hidden) {
  list.elementwise("scale.shared_output", context.residual_tokens(), hidden, hidden);
}

/// The gradients of that output and of its gate.
void append_shared_scale_backward(OperatorList& list, const OperatorContext& context, double hidden) {
  list.elementwise("scale_backward.shared_output", context.residual_tokens(), 2 * hidden, hidden);
}

void append_weight_gradients(OperatorList& list, const Ffn& shared, bool has_shared, const Experts& e) {
  if (has_shared) shared.append_weight_gradient(list);
  // Dispatched rows, gathered once more in FP8, into 128x1 tiles.
  list.cast_transpose("routed_down_gradient", e.rows, e.hidden, kFp8Element);
  list.weight_gradient(e.down);
  list.cast_transpose("routed_input", e.rows, e.hidden, kFp8Element);
  list.weight_gradient(e.gate_up);
}

}  // namespace

void append_experts(OperatorList& list, const ModelSpec& spec, Pass pass, const OperatorContext& context) {
  const Ffn shared("shared", context.tokens, spec.hidden, spec.shared_intermediate() / context.tp);
  const bool has_shared = spec.num_shared_experts > 0;
  const Experts e(spec, context);
  const RecomputeChoices& recompute = context.recompute;
  switch (pass) {
    case Pass::forward:
    case Pass::prefill:
    case Pass::decode:
      if (has_shared) shared.append_forward(list, pass == Pass::forward && !recompute.mlp);
      if (spec.shared_gate) append_shared_scale(list, context, e.hidden);
      append_routed_forward(list, e, pass, !recompute.moe);
      return;
    case Pass::input_gradient:
      if (spec.shared_gate) append_shared_scale_backward(list, context, e.hidden);
      if (has_shared) shared.append_down_backward(list, kFp8Element, recompute);
      append_routed_down_backward(list, e, recompute);
      append_recomputed_mlp_norm(list, context, e.hidden);
      append_routed_gate_up_backward(list, e);
      if (has_shared) shared.append_gate_up_backward(list);
      list.set_component(Component::communication);
      list.quantise("combine_gradient", context.residual_tokens(), e.hidden);
      list.set_component(Component::mlp);
      return;
    case Pass::weight_gradient:
      append_weight_gradients(list, shared, has_shared, e);
      return;
  }
}

std::vector<Operator> recomputed_expert_operators(const ModelSpec& spec, const OperatorContext& context) {
  OperatorList list(Component::mlp, context.format, context.gradient_format);
  list.set_recomputed(true);
  append_routed_forward(list, Experts(spec, context), Pass::forward, false);
  return list.take();
}

}  // namespace moesim
