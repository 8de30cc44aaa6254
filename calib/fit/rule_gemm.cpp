// Which GEMMs a profile keeps.
#include "calib/fit/fit_rule.hpp"
#include "calib/fit/needed_points.hpp"

namespace moesim {

namespace {

// Weights [n, k] that get a curve: columns of a router and more, depth of a hidden size. The others are left
// to the rule for weights without a curve.
constexpr double kLeastColumns = 64;
constexpr double kLeastDepth = 256;
constexpr double kLeastDepthOfFewColumns = 1024;
constexpr double kFewColumns = 256;
constexpr double kMostDepth = 16384;

/// What is left of a whole number once every factor 2 is gone.
long long odd_part(double number) {
  auto odd = static_cast<long long>(number);
  while (odd % 2 == 0) odd /= 2;
  return odd;
}

/// Token counts 2^i and 3 x 2^i; one token more costs another wave of tiles, which curves level out.
bool is_candidate(const Entry& entry) {
  const double n = entry.axis("n"), k = entry.axis("k");
  const double least_depth = n < kFewColumns ? kLeastDepthOfFewColumns : kLeastDepth;
  return odd_part(entry.axis("m")) <= 3 && n >= kLeastColumns && k >= least_depth && k <= kMostDepth;
}

}  // namespace

std::vector<bool> needed_gemms(std::span<const Entry> points, const GpuFacts& /*gpu*/) {
  const Between between = linear_along("m");
  std::vector<bool> out;
  for (const auto curve : curves_of(points)) {
    std::vector<Entry> candidates;
    for (const Entry& entry : curve) {
      if (is_candidate(entry)) candidates.push_back(entry);
    }
    const auto kept = needed_points(candidates, between);
    std::size_t next = 0;
    for (const Entry& entry : curve) out.push_back(is_candidate(entry) && kept[next++]);
  }
  return out;
}

}  // namespace moesim
