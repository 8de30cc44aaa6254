#include "models/attention_passes.hpp"
#include "models/operators.hpp"

namespace moesim {
namespace {

void append_attention(OperatorList& list, const ModelSpec& spec, Pass pass, const OperatorContext& context) {
  switch (pass) {
    case Pass::forward:
      append_attention_forward(list, spec, context);
      return;
    case Pass::input_gradient:
      append_attention_input_gradient(list, spec, context);
      return;
    case Pass::weight_gradient:
      append_attention_weight_gradient(list, spec, context);
      return;
    case Pass::prefill:
      append_attention_prefill(list, spec, context);
      return;
    case Pass::decode:
      append_attention_decode(list, spec, context);
      return;
  }
}

void append_mlp(OperatorList& list, const ModelSpec& spec, LayerKind kind, Pass pass,
                const OperatorContext& context) {
  list.set_component(Component::mlp);
  if (kind == LayerKind::dense) {
    append_dense_ffn(list, spec, pass, context);
  } else {
    append_experts(list, spec, pass, context);
  }
  list.set_component(Component::attention);
}

void append_forward_layer(OperatorList& list, const ModelSpec& spec, LayerKind kind, Pass pass,
                          const OperatorContext& context) {
  append_attention(list, spec, pass, context);
  if (kind == LayerKind::moe) append_gate(list, spec, pass, context);
  append_mlp(list, spec, kind, pass, context);
}

}  // namespace

std::vector<Operator> layer_operators(const ModelSpec& spec, LayerKind kind, Pass pass,
                                      const OperatorContext& context) {
  OperatorList list(Component::attention, context.format, context.gradient_format);
  switch (pass) {
    case Pass::forward:
    case Pass::prefill:
    case Pass::decode:
      append_forward_layer(list, spec, kind, pass, context);
      break;
    case Pass::input_gradient:
      if (context.recompute.full_layer) {
        list.set_recomputed(true);
        append_forward_layer(list, spec, kind, Pass::forward, context);
        list.set_recomputed(false);
      }
      append_mlp(list, spec, kind, pass, context);
      if (kind == LayerKind::moe) append_gate(list, spec, pass, context);
      append_attention(list, spec, pass, context);
      break;
    case Pass::weight_gradient:
      append_mlp(list, spec, kind, pass, context);
      append_attention(list, spec, pass, context);
      break;
  }
  return list.take();
}

std::string_view operator_class(std::string_view name) {
  return name.substr(0, name.find('.'));
}

OperatorSum sum_of(const std::vector<Operator>& operators) {
  OperatorSum sum;
  for (const Operator& op : operators) {
    sum.flops += Flops(op.flops) * op.count;
    sum.model_flops += Flops(op.model_flops) * op.count;
    sum.bytes += Bytes(op.bytes()) * op.count;
    sum.launches += op.count;
  }
  return sum;
}

}  // namespace moesim
