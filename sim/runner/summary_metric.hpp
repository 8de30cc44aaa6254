#pragma once

#include <string>

#include "base/json.hpp"

namespace moesim {

/// The member of an object; null where there is none.
const Json& member(const Json& value, const std::string& key);

/// The finite number at a dotted path of a summary. Throws RunError with the nearest path.
double summary_metric(const Json& summary, const std::string& metric);

}  // namespace moesim
