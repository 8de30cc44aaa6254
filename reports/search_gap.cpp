#include "reports/search_gap.hpp"

#include <cmath>

#include <fmt/format.h>

namespace moesim {

std::string search_gap_text(std::string_view own, double gap_fraction, int digits) {
  const double percent = 100 * std::abs(gap_fraction);
  if (gap_fraction < 0) {
    return fmt::format("The scenario's own {} is not in the space and is {:.{}f} % better than its best.",
                       own, percent, digits);
  }
  return fmt::format("The scenario's own {} is {:.{}f} % off the best.", own, percent, digits);
}

std::string step_gain_text(std::string_view winner, double gain_fraction) {
  return fmt::format("The {} is {:.2f} % {} than that of the scenario's own layout", winner,
                     100 * std::abs(gain_fraction), gain_fraction < 0 ? "longer" : "shorter");
}

}  // namespace moesim
