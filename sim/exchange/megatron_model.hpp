#pragma once

#include "sim/exchange/arguments.hpp"
#include "sim/exchange/parts.hpp"

namespace moesim {

/// The model of Megatron-LM's arguments. With choices.model that one, every argument compared with it;
/// else the catalog's model of the described sizes, or a new one. Arguments that are left out have Megatron's
/// defaults (megatron/training/arguments.py) where it has any. What is only nearly so is noted. Throws
/// SpecError for a contradiction, a size that is missing and what no model can be.
NamedModel megatron_model(Arguments& arguments, const ImportChoices& choices, Json& notes);

}  // namespace moesim
