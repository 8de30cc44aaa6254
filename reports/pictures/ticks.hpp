#pragma once

#include <string>
#include <vector>

namespace moesim::pictures {

/// A place on an axis with its number.
struct Tick {
  double at = 0;
  std::string label;
};

/// The multiples of 1, 2 or 5 times a power of ten in [low, high], as close as at most `max_count` ticks
/// allow; whole numbers alone with `whole`. Empty where none lies there. low <= high, max_count at least 1.
std::vector<Tick> linear_ticks(double low, double high, int max_count, bool whole = false);

/// 1, 2 and 5 times powers of ten in [low, high], or powers of ten alone, thinned to at most `max_count`.
/// 0 < low <= high, max_count at least 1.
std::vector<Tick> log_ticks(double low, double high, int max_count);

/// A whole number with commas: "12,000".
std::string grouped(long long value);

}  // namespace moesim::pictures
