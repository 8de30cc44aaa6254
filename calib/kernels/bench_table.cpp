#include <array>

#include "calib/kernels/bench.hpp"

namespace moesim {

// One declaration and one row for each family; the folder of the family defines it.
// extern const BenchFamily kMlaDecodeBench;

std::span<const BenchFamily* const> bench_families() {
  static constexpr std::array<const BenchFamily*, 0> kFamilies{{
      // &kMlaDecodeBench,
  }};
  return kFamilies;
}

}  // namespace moesim
