#pragma once

#include <string>

#include "base/json.hpp"

namespace moesim {

/// A capacity document (docs/formats.md) for a terminal: units, GPUs and nodes of each pool at p50 and p90,
/// cost, the targets with their slack, how far the traffic may grow and what breaks first.
std::string capacity_table(const Json& document);

}  // namespace moesim
