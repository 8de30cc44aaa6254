#pragma once

#include <string_view>
#include <vector>

namespace moesim {

/// Why a Megatron-LM argument, without its dashes, changes a step in a way that is not modelled; empty where
/// none is known.
std::string_view megatron_not_modelled(std::string_view name);

/// Whether an argument says nothing about the time or memory of a step: data, logging, checkpoints,
/// learning rates, initial values.
bool megatron_ignored(std::string_view name);

/// The arguments that are known by their whole name and not taken: not modelled or ignored.
std::vector<std::string_view> megatron_flags();

}  // namespace moesim
