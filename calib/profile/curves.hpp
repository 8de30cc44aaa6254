#pragma once

#include <string>
#include <vector>

#include "calib/profile/profile_file.hpp"

namespace moesim {

/// How a time follows from timed points, best first.
enum class Grade {
  exact,         ///< a timed point
  interpolated,  ///< between timed points of one curve
  held,          ///< beyond the ends of a curve, utilisation held
  carried,       ///< utilisation of other shapes or of another GPU
  rule,          ///< no timed point: peak rates and an assumed efficiency, or a law
};
template <>
struct EnumNames<Grade> {
  static constexpr std::array<std::pair<Grade, std::string_view>, 5> table{{
      {Grade::exact, "exact"},
      {Grade::interpolated, "interpolated"},
      {Grade::held, "held"},
      {Grade::carried, "carried"},
      {Grade::rule, "rule"},
  }};
};

/// A time with its origin. `p10` and `p90` are times too, equal to `seconds` where no spread is known.
struct TimeEstimate {
  double seconds = 0;
  Provenance provenance = Provenance::assumed;
  std::string source;
  double p10 = 0;
  double p90 = 0;
  Grade grade = Grade::exact;
};

/// The estimate with its times multiplied.
TimeEstimate scaled(TimeEstimate estimate, double factor);

}  // namespace moesim
