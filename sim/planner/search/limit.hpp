#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace moesim {

enum class LimitUnit { number, fraction, time, bytes };

/// A short name of a figure that a limit may be about.
struct LimitName {
  std::string_view name;
  std::string_view figure;  ///< dotted path into the figures of a candidate
  LimitUnit unit = LimitUnit::number;
};

/// What a layout must hold: "memory<=70GiB".
struct Limit {
  std::string text;    ///< as it was given
  std::string figure;  ///< dotted path
  bool at_most = true;
  double value = 0;  ///< SI
};

/// "NAME<=VALUE" or "NAME>=VALUE"; NAME is one of `names` or a dotted path into a summary. The unit of a path
/// is told by its end: times where it ends in _s, bytes in _B. Throws SpecError naming `origin`.
Limit read_limit(std::string_view text, std::span<const LimitName> names, const std::string& origin);

/// Throws SpecError where no layout can hold both of two limits, naming them.
void check_limits(std::span<const Limit> limits, const std::string& origin);

/// By how much a value misses the limit, as a share of it; 0 where it holds.
double miss_fraction(const Limit& limit, double value);

}  // namespace moesim
