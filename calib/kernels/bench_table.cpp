#include <array>

#include "calib/kernels/bench.hpp"

namespace moesim {

// One declaration and one row for each family; the folder of the family defines it.
extern const BenchFamily kMachineBench;
extern const BenchFamily kContentionBench;
extern const BenchFamily kElementwiseBench;
extern const BenchFamily kGateBench;
extern const BenchFamily kPermuteBench;
extern const BenchFamily kUnpermuteBench;
extern const BenchFamily kQuantiseDispatchBench;
extern const BenchFamily kDispatchBench;
extern const BenchFamily kCombineBench;
extern const BenchFamily kCollectivesBench;
extern const BenchFamily kGemmBench, kGroupedGemmBench, kGroupedGemmMaskedBench, kExpertMlpBench;
extern const BenchFamily kMlaDecodeBench, kMlaPrefillBench;

std::span<const BenchFamily* const> bench_families() {
  static constexpr auto kFamilies = std::to_array<const BenchFamily*>({
      &kMachineBench,
      &kContentionBench,
      &kElementwiseBench,
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
      &kMlaDecodeBench,
      &kMlaPrefillBench,
  });
  return kFamilies;
}

const BenchFamily* find_bench_family(std::string_view group) {
  for (const BenchFamily* family : bench_families())
    if (family->group == group) return family;
  return nullptr;
}

}  // namespace moesim
