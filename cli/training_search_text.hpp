#pragma once

#include <cstddef>
#include <string>

#include "base/json.hpp"

namespace moesim::cli {

/// A search of a training scenario as text: what was counted, the best layouts, why the first wins, and what
/// it has over the scenario's own layout.
std::string training_search_text(const Json& document);

}  // namespace moesim::cli
