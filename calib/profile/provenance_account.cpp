#include "calib/profile/provenance_account.hpp"

#include <cmath>

#include <fmt/format.h>

namespace moesim {

void ProvenanceAccount::add(double seconds, Provenance provenance) {
  if (!(seconds >= 0) || !std::isfinite(seconds)) {
    throw RunError(fmt::format("cannot account for {} seconds", seconds));
  }
  seconds_[static_cast<std::size_t>(provenance)] += seconds;
}

double ProvenanceAccount::total_seconds() const {
  double total = 0;
  for (const double seconds : seconds_) total += seconds;
  return total;
}

ProvenanceFractions ProvenanceAccount::fractions() const {
  const double total = total_seconds();
  if (total == 0) return {};
  const auto share = [&](Provenance p) { return seconds_[static_cast<std::size_t>(p)] / total; };
  return {share(Provenance::measured), share(Provenance::published), share(Provenance::derived),
          share(Provenance::assumed) + share(Provenance::fitted)};
}

}  // namespace moesim
