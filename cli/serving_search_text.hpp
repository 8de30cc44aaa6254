#pragma once

#include <string>

#include "base/json.hpp"

namespace moesim::cli {

/// A search of a serving scenario as text: what was counted, the best deployments, why the first wins, and
/// the front.
std::string serving_search_text(const Json& document);

}  // namespace moesim::cli
