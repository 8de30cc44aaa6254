#pragma once

#include <string>

#include "base/json.hpp"

namespace moesim::cli {

/// "pools" of a plan of a fleet as tables: units, memory of one GPU by item, KV cache, process groups.
std::string pool_plans_text(const Json& pools);

/// The memory of the pools that do not fit alone; empty where all fit.
std::string unfit_pools_text(const Json& pools);

}  // namespace moesim::cli
