#pragma once

#include <string>

#include "models/model_spec.hpp"
#include "sim/exchange/arguments.hpp"

namespace moesim {

/// Layers before the first MoE layer, of the value of --moe-layer-freq: "1", "[0]*3+[1]*58" or
/// "([0]*3+[1]*58)". Throws SpecError for other patterns than dense layers first.
int megatron_dense_layers(const Arguments& arguments, const std::string& pattern, int num_layers);

/// The sizes that the arguments describe, Megatron's defaults included; a vocabulary of 0 is not given.
/// Throws SpecError for a size that is missing or impossible.
ModelSpec megatron_sizes(Arguments& arguments);

}  // namespace moesim
