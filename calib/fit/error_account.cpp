#include "calib/fit/error_account.hpp"

#include <algorithm>
#include <cmath>

namespace moesim {

namespace {

/// Between neighbours of a sorted list, linear in rank; not empty.
double quantile(const std::vector<double>& sorted, double share) {
  const double rank = share * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(std::floor(rank));
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (rank - std::floor(rank)) * (sorted[high] - sorted[low]);
}

/// To 4 decimals, as files hold it.
double rounded(double fraction) {
  return std::round(fraction * 1e4) / 1e4;
}

}  // namespace

void ErrorAccount::add(std::string_view name, std::string_view kind, double error) {
  errors_[{std::string(name), std::string(kind)}].push_back(error);
}

std::vector<HeldOutError> ErrorAccount::summary() const {
  std::vector<HeldOutError> out;
  for (const auto& [key, errors] : errors_) {
    auto sorted = errors;
    std::sort(sorted.begin(), sorted.end());
    out.push_back({key.first, key.second, rounded(quantile(sorted, 0.5)), rounded(quantile(sorted, 0.9)),
                   static_cast<std::int64_t>(sorted.size())});
  }
  return out;
}

}  // namespace moesim
