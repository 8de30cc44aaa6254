#pragma once

#include <cstddef>
#include <string>

#include "base/json.hpp"

namespace moesim {

/// A sensitivity document (docs/formats.md) for a terminal: the `top` inputs of the widest spans (0: all),
/// each with its ends, what the figure is at either, the span as a share of the figure and as a bar; then how
/// many more there are and which change nothing.
std::string sensitivity_table(const Json& document, std::size_t top);

}  // namespace moesim
