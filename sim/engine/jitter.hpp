#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace moesim {

/// Factor on the computation of operation `position` on GPU `gpu`: lognormal, mean 1. exp(sigma z -
/// sigma^2/2) with z = normal_at(seed, gpu, position).
double jitter_factor(double sigma, std::uint64_t seed, std::uint64_t gpu, std::uint64_t position);

/// Remembers factors of one sigma and seed, for many replays that draw the same ones. Thread-safe.
class JitterTable {
 public:
  JitterTable(double sigma, std::uint64_t seed) : sigma_(sigma), seed_(seed) {}

  /// Factors of a GPU's first `num_positions` operations, or of more.
  [[nodiscard]] std::shared_ptr<const std::vector<double>> of(std::uint64_t gpu, std::size_t num_positions);
  [[nodiscard]] bool is_of(double sigma, std::uint64_t seed) const {
    return sigma == sigma_ && seed == seed_;
  }

 private:
  double sigma_;
  std::uint64_t seed_;
  std::mutex mutex_;
  std::map<std::uint64_t, std::shared_ptr<const std::vector<double>>> factors_;  ///< by GPU
};

}  // namespace moesim
