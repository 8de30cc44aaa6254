#pragma once

#include <string_view>
#include <vector>

namespace moesim {

/// Why a key of a torchtitan configuration is not modelled where it is not off; empty for other keys.
std::string_view torchtitan_not_modelled(std::string_view name);

/// Whether a key changes neither time nor memory of a step.
bool torchtitan_ignored(std::string_view name);

/// The keys that are known by their whole name and not taken: not modelled or ignored.
std::vector<std::string_view> torchtitan_keys();

}  // namespace moesim
