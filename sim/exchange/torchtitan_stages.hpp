#pragma once

#include <string>

#include "base/json.hpp"
#include "models/model_spec.hpp"
#include "sim/exchange/toml_keys.hpp"

namespace moesim {

/// torchtitan's name of a schedule of a layout; empty where it has none.
std::string torchtitan_schedule(const std::string& schedule);

/// Puts "schedule", "vpp" and "stage_layers" into a layout of `pp` pipeline ranks, as torchtitan cuts the
/// model (distributed/pipeline_parallel.py, generate_llm_fqn_per_model_part). Throws SpecError for a schedule
/// that is not modelled and for parts that are not the model's layers in order.
void add_torchtitan_stages(TomlKeys& keys, const ModelSpec& model, long pp, Json& layout);

/// module_fqns_per_model_part of stages with those numbers of layers.
Json torchtitan_parts(const Json& stage_layers);

}  // namespace moesim
