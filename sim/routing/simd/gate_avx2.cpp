#include <immintrin.h>

#include "sim/routing/simd/gate_route.hpp"

namespace moesim {
namespace {

struct Avx2 {
  using Arch = xsimd::avx2;
  using Batch = xsimd::batch<float, Arch>;
  static unsigned bits(const xsimd::batch_bool<float, Arch>& lanes) {
    return static_cast<unsigned>(_mm256_movemask_ps(lanes));
  }
  static BestTwoInFour best_two(const BestTwo<Avx2>& two) {
    return merge<Avx2>({_mm256_castps256_ps128(two.best), _mm256_castps256_ps128(two.second)},
                       {_mm256_extractf128_ps(two.best, 1), _mm256_extractf128_ps(two.second, 1)});
  }
  static void add(double* sums, const Batch& x) {
    const __m256d low = _mm256_cvtps_pd(_mm256_castps256_ps128(x));
    const __m256d high = _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1));
    _mm256_store_pd(sums, _mm256_add_pd(_mm256_load_pd(sums), low));
    _mm256_store_pd(sums + 4, _mm256_add_pd(_mm256_load_pd(sums + 4), high));
  }
};

}  // namespace

std::size_t route_avx2(const GateKernelInput& in) {
  return TokenRouter<Avx2>(in).route();
}

}  // namespace moesim
