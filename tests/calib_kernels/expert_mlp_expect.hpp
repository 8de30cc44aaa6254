#pragma once

#include <cuda_bf16.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <vector>

#include "calib/kernels/expert_mlp/mlp_problem.hpp"
#include "calib/kernels/gemm/e4m3.hpp"

namespace moesim::test {

/// What pack_tokens made of FP8 tokens with scales [tokens, hidden / 128].
inline void expect_packed(const ExpertMlpProblem& problem, const std::vector<std::byte>& tokens,
                          const std::vector<float>& scales, const std::vector<std::byte>& packed,
                          const std::vector<float>& packed_scales) {
  const auto hidden = static_cast<std::size_t>(problem.hidden);
  const std::size_t blocks = hidden / 128;
  for (const PackedRow& row : problem.rows) {
    const auto token = static_cast<std::size_t>(row.token);
    const auto slot = static_cast<std::size_t>(row.slot);
    for (std::size_t i = 0; i < hidden; ++i) ASSERT_EQ(packed[slot * hidden + i], tokens[token * hidden + i]);
    for (std::size_t i = 0; i < blocks; ++i) {
      const auto at = row.gate_up_scale + static_cast<std::int64_t>(i) * row.scale_stride;
      ASSERT_EQ(packed_scales[static_cast<std::size_t>(at)], scales[token * blocks + i]);
    }
  }
}

/// silu(gate) * up in FP64 of one row [2 inter].
inline std::vector<double> activated(const __nv_bfloat16* row, std::size_t inter) {
  std::vector<double> values;
  for (std::size_t i = 0; i < inter; ++i) {
    const double gate = __bfloat162float(row[i]);
    values.push_back(gate / (1 + std::exp(-gate)) * __bfloat162float(row[inter + i]));
  }
  return values;
}

/// What swiglu_quantise made of BF16 rows [slots, 2 inter].
inline void expect_quantised(const ExpertMlpProblem& problem, const std::vector<__nv_bfloat16>& gate_up,
                             const std::vector<std::byte>& out, const std::vector<float>& scales) {
  const auto inter = static_cast<std::size_t>(problem.inter);
  for (const PackedRow& row : problem.rows) {
    const auto slot = static_cast<std::size_t>(row.slot);
    const auto values = activated(&gate_up[slot * 2 * inter], inter);
    for (std::size_t start = 0; start < inter; start += 128) {
      double largest = 0;
      for (std::size_t i = start; i < start + 128; ++i) largest = std::max(largest, std::abs(values[i]));
      const auto at = row.down_scale + static_cast<std::int64_t>(start / 128) * row.scale_stride;
      const double scale = scales[static_cast<std::size_t>(at)];
      ASSERT_NEAR(scale, largest / kLargestE4m3, 1e-4 * largest / kLargestE4m3);
      for (std::size_t i = start; i < start + 128; ++i) {
        const int expected = e4m3_bits(values[i] / scale) & 0x7f;
        const int got = static_cast<int>(out[slot * inter + i]) & 0x7f;
        ASSERT_LE(std::abs(got - expected), 1);  // a value between two numbers may fall on either side
        const bool negative = (out[slot * inter + i] & std::byte{0x80}) != std::byte{0};
        ASSERT_TRUE(got == 0 || negative == std::signbit(values[i]));
      }
    }
  }
}

}  // namespace moesim::test
