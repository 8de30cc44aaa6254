#include "workloads/affinity/popularity_shares.hpp"

#include <fmt/format.h>

#include <numeric>
#include <utility>

#include "base/math.hpp"
#include "base/random.hpp"

namespace moesim {
namespace {

/// x^y for x > 0.
double power(double x, double y) {
  return exp_det(y * log_det(x));
}

std::vector<double> zipf(const Popularity& popularity, std::size_t count, RandomStream& random) {
  std::vector<double> shares(count);
  for (std::size_t i = 0; i < count; ++i) {
    shares[i] = power(static_cast<double>(i + 1), -popularity.exponent);
  }
  for (std::size_t i = count - 1; i > 0; --i) std::swap(shares[i], shares[random.below(i + 1)]);
  return shares;
}

/// The x at which the distribution of density x^-exponent on [1, max_over_min] is u. Near exponent 1 the
/// general form loses its digits, and x = max_over_min^u is its limit.
double power_law_quantile(const Popularity& popularity, double u) {
  const double rest = 1 - popularity.exponent;
  if (rest > -1e-6 && rest < 1e-6) return power(popularity.max_over_min, u);
  return power(1 + u * (power(popularity.max_over_min, rest) - 1), 1 / rest);
}

}  // namespace

std::vector<double> popularity_shares(const Popularity& popularity, int num_experts, std::uint64_t seed,
                                      int layer) {
  const auto count = static_cast<std::size_t>(num_experts);
  RandomStream random(seed, stream_of("affinity:shares"), static_cast<std::uint64_t>(layer));
  std::vector<double> shares;
  switch (popularity.law) {
    case PopularityLaw::even:
    case PopularityLaw::logit_normal:
      return {};
    case PopularityLaw::lognormal:
      for (std::size_t i = 0; i < count; ++i) shares.push_back(exp_det(popularity.sigma * random.normal()));
      break;
    case PopularityLaw::zipf:
      shares = zipf(popularity, count, random);
      break;
    case PopularityLaw::power_law:
      for (std::size_t i = 0; i < count; ++i)
        shares.push_back(power_law_quantile(popularity, random.uniform()));
      break;
  }
  const double sum = sum_fixed_order(shares);
  for (double& share : shares) share /= sum;
  return shares;
}

}  // namespace moesim
