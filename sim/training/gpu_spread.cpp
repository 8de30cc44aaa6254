#include "sim/training/gpu_spread.hpp"

#include <algorithm>
#include <numeric>

#include "base/math.hpp"
#include "base/random.hpp"

namespace moesim {
namespace {

constexpr double kFastest = 0.5;

/// A permutation of 0 .. n-1 that depends on the seed alone.
std::vector<std::size_t> shuffled(std::size_t n, std::uint64_t seed) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = n; i > 1; --i) {
    const double u = uniform_at(seed, stream_of("rank_order"), i);
    std::swap(order[i - 1], order[static_cast<std::size_t>(u * static_cast<double>(i))]);
  }
  return order;
}

}  // namespace

std::vector<double> drawn_slowdowns(std::size_t num_gpus, double sigma, std::uint64_t seed) {
  const std::uint64_t stream = stream_of("gpu_speed");
  std::vector<double> slowdowns(num_gpus, 1.0);
  if (sigma == 0) return slowdowns;
  for (std::size_t i = 0; i < num_gpus; ++i) {
    slowdowns[i] = std::max(kFastest, 1 + sigma * normal_at(seed, stream, i));
  }
  return slowdowns;
}

std::vector<double> representative_slowdowns(std::size_t num_ranks, std::size_t group_size, double sigma,
                                             std::uint64_t seed) {
  std::vector<double> slowdowns(num_ranks, 1.0);
  if (sigma == 0) return slowdowns;
  const std::vector<std::size_t> order = shuffled(num_ranks, seed);
  for (std::size_t i = 0; i < num_ranks; ++i) {
    const double p = (static_cast<double>(i) + 0.7) / (static_cast<double>(num_ranks) + 0.4);
    const double quantile = exp_det(log_det(p) / static_cast<double>(group_size));
    slowdowns[order[i]] = std::max(kFastest, 1 + sigma * normal_quantile(quantile));
  }
  return slowdowns;
}

}  // namespace moesim
