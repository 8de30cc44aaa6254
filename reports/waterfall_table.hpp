#pragma once

#include <string>

#include "base/json.hpp"

namespace moesim {

/// result["waterfall"] ([{name, seconds, low_s, high_s, source, note}], in the order in which the parts add
/// up) as a table: time of each part with its interval, share of the whole, a bar from where the parts before
/// it end, and its source. A last part that is the sum of the others is their total; without one a line "sum"
/// is added. An object holds a waterfall of each pool; then there is a table of each. Empty where the
/// document has no waterfall.
std::string waterfall_table(const Json& result);

}  // namespace moesim
