#include <emmintrin.h>

#include "sim/routing/simd/gate_route.hpp"

namespace moesim {
namespace {

struct Sse2 {
  using Arch = xsimd::sse2;
  using Batch = xsimd::batch<float, Arch>;
  static unsigned bits(const xsimd::batch_bool<float, Arch>& lanes) {
    return static_cast<unsigned>(_mm_movemask_ps(lanes));
  }
  static BestTwoInFour best_two(const BestTwo<Sse2>& two) { return {two.best, two.second}; }
  static void add(double* sums, const Batch& x) {
    _mm_store_pd(sums, _mm_add_pd(_mm_load_pd(sums), _mm_cvtps_pd(x)));
    _mm_store_pd(sums + 2, _mm_add_pd(_mm_load_pd(sums + 2), _mm_cvtps_pd(_mm_movehl_ps(x, x))));
  }
};

}  // namespace

std::size_t route_sse2(const GateKernelInput& in) {
  return TokenRouter<Sse2>(in).route();
}

}  // namespace moesim
