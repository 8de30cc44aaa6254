#pragma once

#include "base/json.hpp"
#include "models/model_spec.hpp"
#include "sim/exchange/arguments.hpp"

namespace moesim {

/// Puts "vpp" and "stage_layers" into a layout of `pp` pipeline ranks where the arguments give them. Throws
/// SpecError for stages that contradict each other or the model.
void add_megatron_stages(Arguments& arguments, const ModelSpec& model, long pp, Json& layout);

/// --pipeline-model-parallel-layout of stages with those numbers of layers.
std::string megatron_stage_text(const Json& stage_layers, int mtp_depth);

}  // namespace moesim
