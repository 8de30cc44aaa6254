#pragma once

#include <array>

#include "calib/profile/constant.hpp"

namespace moesim {

/// Shares of simulated time by origin; they sum to 1, or are all 0 where nothing was added.
struct ProvenanceFractions {
  double measured = 0;
  double published = 0;
  double derived = 0;
  double assumed = 0;  ///< fitted time included
};

/// Adds up simulated time by where it comes from.
class ProvenanceAccount {
 public:
  /// `seconds` >= 0; a negative or non-finite amount is a RunError.
  void add(double seconds, Provenance provenance);
  [[nodiscard]] ProvenanceFractions fractions() const;
  [[nodiscard]] double total_seconds() const;

 private:
  std::array<double, EnumNames<Provenance>::table.size()> seconds_{};
};

}  // namespace moesim
