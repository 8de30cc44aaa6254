#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "calib/profile/constant.hpp"

namespace moesim {

/// A constant that lookups read: its unit and the values with which they mean something.
struct KnownConstant {
  std::string_view name;
  std::string_view unit;
  double low = 0;
  bool above_low = false;  ///< `low` itself is refused
  double high = std::numeric_limits<double>::infinity();
};

/// The constants of a stack, those of a profile and those of a router's dynamics.
std::span<const KnownConstant> known_stack_constants();
std::span<const KnownConstant> known_profile_constants();
std::span<const KnownConstant> known_router_constants();

/// The first constant that is not in `known`, has another unit, or whose value or interval, its fallback's
/// included, lies outside. Empty: none.
std::optional<SpecIssue> find_unknown_constant(std::span<const Constant> constants,
                                               std::span<const KnownConstant> known);

}  // namespace moesim
