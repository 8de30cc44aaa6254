#pragma once

#include <string>

#include "reports/waterfall.hpp"

namespace moesim {

/// Each part as a bar from where the parts before it end, with its interval, and the total, as HTML; empty
/// where the parts take no time.
std::string waterfall_plot(const Waterfall& waterfall);

}  // namespace moesim
