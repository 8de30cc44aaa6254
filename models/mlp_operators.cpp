#include <string>

#include "models/mlp_passes.hpp"

namespace moesim {
namespace {

double real(std::int64_t count) {
  return static_cast<double>(count);
}

}  // namespace

Ffn::Ffn(std::string prefix, double rows, std::int64_t hidden, std::int64_t intermediate)
    : prefix_(std::move(prefix)),
      gate_up_name_(prefix_ + "_gate_up"),
      down_name_(prefix_ + "_down"),
      rows_(rows),
      hidden_(hidden),
      intermediate_(intermediate) {}

Linear Ffn::gate_up() const {
  return {gate_up_name_, rows_, 2 * intermediate_, hidden_, 1};
}
Linear Ffn::down() const {
  return {down_name_, rows_, hidden_, intermediate_, 1};
}

void Ffn::append_forward(OperatorList& list, bool keeps_input) const {
  list.forward(gate_up());
  append_swiglu(list, prefix_, rows_, real(intermediate_));
  list.forward(down());
  if (keeps_input) list.quantise(prefix_ + "_swiglu_input", rows_, 2 * real(intermediate_));
}

void Ffn::append_down_backward(OperatorList& list, double gradient_bytes,
                               const RecomputeChoices& recompute) const {
  const double width = real(intermediate_);
  if (recompute.mlp) {
    list.set_recomputed(true);
    list.forward(gate_up());
    list.set_recomputed(false);
  } else {
    list.dequantise(prefix_ + "_swiglu_input", rows_, 2 * width);
  }
  list.transpose_weight(down_name_, hidden_, intermediate_);
  list.input_gradient(down());
  list.cast_transpose(prefix_ + "_down_gradient", rows_, real(hidden_), gradient_bytes);
  if (list.fp8()) {  // SwiGLU again, straight into the operand of the weight gradient
    list.small("swiglu_cast_transpose." + prefix_, rows_ * 2 * width * kBf16Element,
               rows_ * width * kFp8Element);
  } else if (recompute.swiglu || recompute.mlp) {
    append_swiglu(list, prefix_, rows_, width);
  }
  list.elementwise("swiglu_backward." + prefix_, rows_, 3 * width, 2 * width);
}

void Ffn::append_gate_up_backward(OperatorList& list) const {
  const double width = 2 * real(intermediate_);
  list.transpose_weight(gate_up_name_, 2 * intermediate_, hidden_);
  list.quantise(prefix_ + "_swiglu_gradient", rows_, width);
  list.input_gradient(gate_up());
  list.cast_transpose(prefix_ + "_swiglu_gradient", rows_, width);
  list.cast_transpose(prefix_ + "_input", rows_, real(hidden_));
}

void Ffn::append_weight_gradient(OperatorList& list) const {
  list.weight_gradient(down());
  list.weight_gradient(gate_up());
}

void append_swiglu(OperatorList& list, const std::string& where, double rows, double width) {
  const double out = list.fp8() ? kFp8Element : kBf16Element;
  list.small("swiglu." + where, rows * 2 * width * kBf16Element, rows * width * out);
}

void append_recomputed_mlp_norm(OperatorList& list, const OperatorContext& context, double hidden) {
  if (!context.recompute.rms_norm || context.recompute.full_layer) return;
  list.set_recomputed(true);
  list.elementwise("rms_norm.mlp", context.residual_tokens(), hidden, hidden);
  list.quantise("mlp_input", context.tokens, hidden);
  list.set_recomputed(false);
}

void append_dense_ffn(OperatorList& list, const ModelSpec& spec, Pass pass, const OperatorContext& context) {
  const Ffn ffn("dense", context.tokens, spec.hidden, spec.dense_intermediate / context.tp);
  const double hidden = real(spec.hidden);
  switch (pass) {
    case Pass::forward:
    case Pass::prefill:
    case Pass::decode:
      list.quantise("mlp_input", context.tokens, hidden);
      ffn.append_forward(list, pass == Pass::forward && !context.recompute.mlp);
      return;
    case Pass::input_gradient:
      list.quantise("dense_down_gradient", context.tokens, hidden);
      ffn.append_down_backward(list, kBf16Element, context.recompute);
      append_recomputed_mlp_norm(list, context, hidden);
      ffn.append_gate_up_backward(list);
      return;
    case Pass::weight_gradient:
      ffn.append_weight_gradient(list);
      return;
  }
}

}  // namespace moesim
