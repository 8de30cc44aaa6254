#include "sim/engine/jitter.hpp"

#include "base/math.hpp"
#include "base/random.hpp"

namespace moesim {

double jitter_factor(double sigma, std::uint64_t seed, std::uint64_t gpu, std::uint64_t position) {
  return exp_det(sigma * normal_at(seed, gpu, position) - sigma * sigma / 2);
}

}  // namespace moesim
