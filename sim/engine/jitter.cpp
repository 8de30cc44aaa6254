#include "sim/engine/jitter.hpp"

#include <algorithm>

#include "base/math.hpp"
#include "base/random.hpp"

namespace moesim {
namespace {

double factor_at(double sigma, const StreamKey& key, std::uint64_t position) {
  return exp_det(sigma * normal_at(key, position) - sigma * sigma / 2);
}

}  // namespace

double jitter_factor(double sigma, std::uint64_t seed, std::uint64_t gpu, std::uint64_t position) {
  return factor_at(sigma, StreamKey(seed, gpu), position);
}

std::shared_ptr<const std::vector<double>> JitterTable::of(std::uint64_t gpu, std::size_t num_positions) {
  const std::lock_guard lock(mutex_);
  auto& known = factors_[gpu];
  if (known && known->size() >= num_positions) return known;
  std::vector<double> factors = known ? *known : std::vector<double>();
  const StreamKey key(seed_, gpu);
  const std::size_t size = std::max(num_positions, 2 * factors.size());
  for (std::size_t i = factors.size(); i < size; ++i) factors.push_back(factor_at(sigma_, key, i));
  known = std::make_shared<const std::vector<double>>(std::move(factors));
  return known;
}

}  // namespace moesim
