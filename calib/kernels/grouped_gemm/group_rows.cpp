#include "calib/kernels/grouped_gemm/group_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.hpp"

namespace moesim {

namespace {

/// Shares of a power law, largest first, adding up to 1.
std::vector<double> power_law(int groups, double exponent) {
  std::vector<double> shares(static_cast<std::size_t>(groups));
  for (std::size_t i = 0; i < shares.size(); ++i) shares[i] = std::pow(static_cast<double>(i) + 1, -exponent);
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= sum;
  return shares;
}

/// The law whose largest share is max_over_mean / groups: it grows with the exponent from 1 / groups to 1.
std::vector<double> shares_of(int groups, double max_over_mean) {
  double low = 0;
  double high = 64;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (power_law(groups, middle).front() * groups < max_over_mean ? low : high) = middle;
  }
  return power_law(groups, max_over_mean == 1 ? 0 : high);
}

}  // namespace

std::vector<int> group_rows(int groups, int mean, double max_over_mean) {
  if (groups < 1 || mean < 0 || !(max_over_mean >= 1) || max_over_mean > groups) {
    throw RunError(
        fmt::format("group_rows: max/mean {} of {} groups of {} rows", max_over_mean, groups, mean));
  }
  const int total = groups * mean;
  std::vector<int> rows;
  double exact = 0;  // rows of this group and those before it, not rounded
  int given = 0;
  for (const double share : shares_of(groups, max_over_mean)) {
    exact += share * total;
    rows.push_back(static_cast<int>(std::lround(exact)) - given);
    given += rows.back();
  }
  rows.back() += total - given;
  std::rotate(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>((groups + 1) / 2), rows.end());
  return rows;
}

}  // namespace moesim
