#include "models/operator_list.hpp"

namespace moesim {
namespace {

double real(std::int64_t count) {
  return static_cast<double>(count);
}

constexpr double kTokenIdBytes = 8;

OperatorList list_of(Component component, const OperatorContext& context) {
  return OperatorList(component, context.format, context.gradient_format);
}

/// Loss and logit gradient in one pass over the logits [rows, vocabulary], which are BF16 and overwritten.
void append_cross_entropy(OperatorList& list, double rows, double vocabulary) {
  list.elementwise("cross_entropy", rows, vocabulary, vocabulary);
}

}  // namespace

std::vector<Operator> embedding_operators(const ModelSpec& spec, Pass pass, const OperatorContext& context) {
  OperatorList list = list_of(Component::embedding, context);
  const double hidden = real(spec.hidden);
  const double rows = context.residual_tokens();
  const double row_bytes = rows * hidden * kBf16Element;
  const double gradient_bytes = rows * hidden * bytes_per_element(context.gradient_format);
  switch (pass) {
    case Pass::forward:
    case Pass::prefill:
    case Pass::decode:
      list.small("embedding", row_bytes + rows * kTokenIdBytes, row_bytes);
      break;
    case Pass::input_gradient:
      break;
    case Pass::weight_gradient:
      list.small("embedding_wgrad", row_bytes + gradient_bytes + rows * kTokenIdBytes, gradient_bytes);
      break;
  }
  return list.take();
}

std::vector<Operator> head_operators(const ModelSpec& spec, Pass pass, const OperatorContext& context) {
  OperatorList list = list_of(Component::head, context);
  const double hidden = real(spec.hidden);
  const double rows = pass == Pass::prefill ? context.sequences() : context.tokens;
  const std::int64_t vocabulary = spec.vocabulary / context.tp;
  const Linear head{"head", rows, vocabulary, spec.hidden, 1};
  switch (pass) {
    case Pass::forward:
    case Pass::prefill:
    case Pass::decode:
      list.elementwise("rms_norm.final", rows / (context.sequence_parallel ? context.tp : 1), 2 * hidden,
                       hidden);
      list.forward_bf16(head);
      if (pass == Pass::forward) append_cross_entropy(list, rows, real(vocabulary));
      break;
    case Pass::input_gradient:
      list.input_gradient_bf16(head);
      list.elementwise("rms_norm_backward.final", rows / (context.sequence_parallel ? context.tp : 1),
                       2 * hidden, hidden);
      break;
    case Pass::weight_gradient:
      list.weight_gradient_bf16(head);
      break;
  }
  return list.take();
}

std::vector<Operator> mtp_projection_operators(const ModelSpec& spec, Pass pass,
                                               const OperatorContext& context) {
  OperatorList list = list_of(Component::mtp_projection, context);
  const double hidden = real(spec.hidden);
  const double rows = context.residual_tokens();
  const Linear projection{"mtp_projection", rows, spec.hidden, 2 * spec.hidden, 1};
  switch (pass) {
    case Pass::forward:
    case Pass::prefill:
    case Pass::decode:
      // Each norm writes its half of the concatenation.
      list.elementwise("rms_norm.mtp_hidden", rows, hidden, hidden);
      list.elementwise("rms_norm.mtp_embedding", rows, hidden, hidden);
      list.quantise("mtp_projection", rows, 2 * hidden);
      list.forward(projection);
      break;
    case Pass::input_gradient:
      list.transpose_weight("mtp_projection", spec.hidden, 2 * spec.hidden);
      list.quantise("mtp_projection_gradient", rows, hidden);
      list.input_gradient(projection);
      list.cast_transpose("mtp_projection_gradient", rows, hidden);
      list.cast_transpose("mtp_projection_input", rows, 2 * hidden);
      list.elementwise("rms_norm_backward.mtp_hidden", rows, 2 * hidden, hidden);
      list.elementwise("rms_norm_backward.mtp_embedding", rows, 2 * hidden, hidden);
      break;
    case Pass::weight_gradient:
      list.weight_gradient(projection);
      break;
  }
  return list.take();
}

}  // namespace moesim
