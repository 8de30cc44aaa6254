#pragma once

#include "models/attention_widths.hpp"
#include "models/operator_list.hpp"

namespace moesim {

// What layer_operators puts into Component::attention, without the gate.
void append_attention_forward(OperatorList& list, const ModelSpec& spec, const OperatorContext& context);
void append_attention_input_gradient(OperatorList& list, const ModelSpec& spec,
                                     const OperatorContext& context);
void append_attention_weight_gradient(OperatorList& list, const ModelSpec& spec,
                                      const OperatorContext& context);
void append_attention_prefill(OperatorList& list, const ModelSpec& spec, const OperatorContext& context);
void append_attention_decode(OperatorList& list, const ModelSpec& spec, const OperatorContext& context);

}  // namespace moesim
