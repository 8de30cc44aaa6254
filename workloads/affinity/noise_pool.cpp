#include "workloads/affinity/noise_pool.hpp"

#include <bit>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/math.hpp"
#include "base/random.hpp"

namespace moesim {
namespace {

/// Midpoint quantiles of the standard normal, scaled to variance 1, [count]; exactly antisymmetric, so their
/// mean is 0.
std::vector<float> standard_quantiles(int count) {
  std::vector<double> quantiles(static_cast<std::size_t>(count));
  double squares = 0;
  for (std::size_t i = 0; i < quantiles.size() / 2; ++i) {
    const double x = normal_quantile((static_cast<double>(i) + 0.5) / count);
    quantiles[i] = x;
    quantiles[quantiles.size() - 1 - i] = -x;
    squares += 2 * x * x;
  }
  const double scale = std::sqrt(count / squares);
  std::vector<float> scaled;
  for (const double x : quantiles) scaled.push_back(static_cast<float>(scale * x));
  return scaled;
}

}  // namespace

NoisePool::NoisePool(int num_experts, std::uint64_t seed, int num_rows)
    : num_experts_(num_experts), num_rows_(num_rows) {
  if (num_experts < 1) throw std::invalid_argument("a noise pool of no experts");
  if (num_rows < 2 || num_rows > 65536 || !std::has_single_bit(static_cast<unsigned>(num_rows))) {
    throw std::invalid_argument("rows of a noise pool are a power of two in [2, 65536]");
  }
  constexpr std::size_t kLine = 64 / sizeof(float);
  stride_ = (static_cast<std::size_t>(num_experts) + kLine - 1) / kLine * kLine;
  const std::size_t side = static_cast<std::size_t>(num_rows) * stride_;
  rows_.reset(new (std::align_val_t{64}) float[2 * side]());
  const std::vector<float> quantiles = standard_quantiles(num_rows);
  fill_side(rows_.get(), quantiles, seed, stream_of("affinity:pool_a"));
  fill_side(rows_.get() + side, quantiles, seed, stream_of("affinity:pool_b"));
}

/// Every column is the quantiles shuffled (Fisher and Yates) by the numbers of index `expert`.
void NoisePool::fill_side(float* side, std::span<const float> quantiles, std::uint64_t seed,
                          std::uint64_t stream) {
  const StreamKey key(seed, stream);
  std::vector<float> column;
  for (int expert = 0; expert < num_experts_; ++expert) {
    column.assign(quantiles.begin(), quantiles.end());
    RandomStream random(key, static_cast<std::uint64_t>(expert));
    for (std::size_t i = column.size() - 1; i > 0; --i) std::swap(column[i], column[random.below(i + 1)]);
    float* out = side + expert;
    for (const float x : column) {
      *out = x;
      out += stride_;
    }
  }
}

}  // namespace moesim
