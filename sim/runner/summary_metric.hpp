#pragma once

#include <string>

#include "base/error.hpp"
#include "base/json.hpp"

namespace moesim {

/// The member of an object; null where there is none.
const Json& member(const Json& value, const std::string& key);

/// A summary has no such number.
struct UnknownMetric : RunError {
  using RunError::RunError;
};

/// The finite number at a dotted path of a summary. Throws UnknownMetric with the nearest path, or some.
double summary_metric(const Json& summary, const std::string& metric);

}  // namespace moesim
