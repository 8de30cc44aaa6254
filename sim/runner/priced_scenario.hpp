#pragma once

#include <string>

#include "base/json.hpp"

namespace moesim {

/// The scenario whose clusters, and those of its pools, have another price: a shipped name, or a path
/// relative to the working directory. Throws SpecError, naming --price or the price's file, for an unknown or
/// faulty one, and at /kind for a kind without costs.
Json with_price(const Json& scenario, const std::string& file, const std::string& price);

}  // namespace moesim
