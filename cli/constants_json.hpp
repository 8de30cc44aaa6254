#pragma once

#include <vector>

#include "base/json.hpp"
#include "calib/profile/stack.hpp"

namespace moesim::cli {

/// {"constants": [{owner, name, value, unit, interval, provenance, fallback, sources, cases, note}]}.
Json constants_json(const std::vector<ResolvedConstant>& constants);

}  // namespace moesim::cli
