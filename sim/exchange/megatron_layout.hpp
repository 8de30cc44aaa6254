#pragma once

#include "base/json.hpp"
#include "models/model_spec.hpp"
#include "sim/exchange/arguments.hpp"

namespace moesim {

/// The layout that Megatron-LM's arguments give. Throws SpecError for what a layout cannot express.
Json megatron_layout(Arguments& arguments, const ModelSpec& model);

}  // namespace moesim
