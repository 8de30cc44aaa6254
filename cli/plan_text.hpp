#pragma once

#include <string>

#include "base/json.hpp"

namespace moesim::cli {

/// A plan document (see plan_json) as tables: what runs, process groups, topology, and memory by pipeline
/// rank and item. Parts that are not there are left out.
std::string plan_text(const Json& plan);

/// The table of its memory alone.
std::string memory_text(const Json& memory);

}  // namespace moesim::cli
