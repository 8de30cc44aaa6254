#pragma once

#include <cstddef>

namespace moesim {

// Rows of `n` floats; each element is computed by the operations in the order written.

/// out = base + scale * (a + b). `out` may be `base`.
void add_scaled_sum(const float* base, const float* a, const float* b, float scale, std::size_t n,
                    float* out);
/// out = base + scale * x. `out` may be `base`.
void add_scaled(const float* base, const float* x, float scale, std::size_t n, float* out);
/// out += x
void add_row(const float* x, std::size_t n, float* out);

}  // namespace moesim
