#pragma once

#include <string>
#include <string_view>

namespace moesim {

/// "The scenario's own layout is 0.27 % off the best.", of a gap as `published_layout_gap_fraction` has it,
/// with `digits` behind the point. Below 0 it says that what the scenario has lies outside of the space and
/// is better. `own` is "layout" or "deployment".
std::string search_gap_text(std::string_view own, double gap_fraction, int digits);

/// "The winner's step is 0.27 % shorter than that of the scenario's own layout", longer for a gain below 0;
/// without a full stop.
std::string step_gain_text(std::string_view winner, double gain_fraction);

}  // namespace moesim
