#include <array>

#include "calib/kernels/bench.hpp"

namespace moesim {

// One declaration and one row for each family; the folder of the family defines it.
extern const BenchFamily kGateBench;
extern const BenchFamily kPermuteBench;
extern const BenchFamily kUnpermuteBench;
extern const BenchFamily kQuantiseDispatchBench;
extern const BenchFamily kDispatchBench;
extern const BenchFamily kCombineBench;
extern const BenchFamily kCollectivesBench;
extern const BenchFamily kGemmBench, kGroupedGemmBench, kGroupedGemmMaskedBench, kExpertMlpBench;

std::span<const BenchFamily* const> bench_families() {
  static constexpr std::array<const BenchFamily*, 11> kFamilies{{
      &kGateBench,
      &kPermuteBench,
      &kUnpermuteBench,
      &kQuantiseDispatchBench,
      &kDispatchBench,
      &kCombineBench,
      &kCollectivesBench,
      &kGemmBench,
      &kGroupedGemmBench,
      &kGroupedGemmMaskedBench,
      &kExpertMlpBench,
  }};
  return kFamilies;
}

}  // namespace moesim
