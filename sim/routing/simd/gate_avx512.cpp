#include <immintrin.h>

#include "sim/routing/simd/gate_route.hpp"

namespace moesim {
namespace {

struct Avx512 {
  using Arch = xsimd::avx512f;
  using Batch = xsimd::batch<float, Arch>;
  static unsigned bits(const xsimd::batch_bool<float, Arch>& lanes) { return lanes.data; }
  static __m256 high(const Batch& x) {
    return _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(x), 1));
  }
  static BestTwoInFour best_two(const BestTwo<Avx512>& two) {
    const __m256 low = _mm512_castps512_ps256(two.best);
    const __m256 up = high(two.best);
    const __m256 less = _mm256_min_ps(low, up);
    const __m256 best = _mm256_max_ps(low, up);
    const __m256 seconds = _mm256_max_ps(_mm512_castps512_ps256(two.second), high(two.second));
    const __m256 second = _mm256_max_ps(less, seconds);
    return merge<Avx512>({_mm256_castps256_ps128(best), _mm256_castps256_ps128(second)},
                         {_mm256_extractf128_ps(best, 1), _mm256_extractf128_ps(second, 1)});
  }
  static void add(double* sums, const Batch& x) {
    const __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(x));
    const __m512d up = _mm512_cvtps_pd(high(x));
    _mm512_store_pd(sums, _mm512_add_pd(_mm512_load_pd(sums), low));
    _mm512_store_pd(sums + 8, _mm512_add_pd(_mm512_load_pd(sums + 8), up));
  }
};

}  // namespace

std::size_t route_avx512(const GateKernelInput& in) {
  return TokenRouter<Avx512>(in).route();
}

}  // namespace moesim
