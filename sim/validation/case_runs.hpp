#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/spec.hpp"

namespace moesim {

/// Values by the JSON pointer of a scenario that they replace.
using Overrides = std::map<std::string, RawJson>;

/// The most variants of one range.
inline constexpr std::size_t kMaxVariants = 256;

/// What an unpublished setting may have been: every variant with every combination of the grid's values, a
/// whole scenario each.
struct PlausibleRange {
  std::vector<Overrides> variants;                   ///< one after the other; empty: the scenario as it is
  std::map<std::string, std::vector<RawJson>> grid;  ///< values by pointer, on top of a variant

  /// Variants times values of each pointer of the grid.
  [[nodiscard]] std::size_t num_variants() const;
};
const Spec<PlausibleRange>& spec_of(const PlausibleRange*);

/// A part of a run whose steps are alike. Its length is in steps or in tokens.
struct RunPhase {
  std::string name;
  std::optional<RawJson> scenario;  ///< instead of the case's
  Overrides overrides;              ///< on top of the case's, below a variant's
  std::optional<double> steps;
  std::optional<double> tokens;
};
const Spec<RunPhase>& spec_of(const RunPhase*);

}  // namespace moesim
