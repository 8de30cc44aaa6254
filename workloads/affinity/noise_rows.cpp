#include "workloads/affinity/noise_rows.hpp"

namespace moesim {

void add_scaled_sum(const float* base, const float* a, const float* b, float scale, std::size_t n,
                    float* out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = base[i] + scale * (a[i] + b[i]);
}

void add_scaled(const float* base, const float* x, float scale, std::size_t n, float* out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = base[i] + scale * x[i];
}

void add_row(const float* x, std::size_t n, float* out) {
  for (std::size_t i = 0; i < n; ++i) out[i] += x[i];
}

}  // namespace moesim
