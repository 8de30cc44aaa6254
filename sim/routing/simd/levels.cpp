#include "sim/routing/gate.hpp"

namespace moesim {

std::string_view name_of(SimdLevel level) {
  switch (level) {
    case SimdLevel::scalar:
      return "scalar";
    case SimdLevel::sse2:
      return "sse2";
    case SimdLevel::avx2:
      return "avx2";
    case SimdLevel::avx512:
      return "avx512";
  }
  return "";
}

// __builtin_cpu_supports also asks whether the operating system keeps the wide registers.
std::vector<SimdLevel> simd_levels() {
  std::vector<SimdLevel> levels{SimdLevel::scalar, SimdLevel::sse2};
  if (__builtin_cpu_supports("avx2") == 0) return levels;
  levels.push_back(SimdLevel::avx2);
  if (__builtin_cpu_supports("avx512f") != 0) levels.push_back(SimdLevel::avx512);
  return levels;
}

SimdLevel best_simd_level() {
  return simd_levels().back();
}

}  // namespace moesim
