#include <cuda_bf16.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <vector>

#include "calib/kernels/device_buffer.hpp"
#include "calib/kernels/expert_mlp/mlp_kernels.hpp"
#include "calib/kernels/expert_mlp/mlp_problem.hpp"
#include "calib/kernels/fill.hpp"
#include "calib/kernels/gemm/e4m3.hpp"
#include "tests/calib_kernels/device_test.hpp"

namespace moesim {
namespace {

constexpr int kHidden = 256;
constexpr int kInter = 384;

class ExpertMlpOnDevice : public test::OnDevice {
 protected:
  ExpertMlpProblem problem = make_expert_mlp_problem(NumberFormat::fp8, GemmLibrary::cutlass, kHidden, kInter,
                                                     std::vector{3, 0, 5}, /*seed=*/1);
  int num_rows = static_cast<int>(problem.rows.size());
};

TEST_F(ExpertMlpOnDevice, PackingPutsTokensAndScalesIntoTheirSlots) {
  const DeviceBuffer<PackedRow> rows{std::span<const PackedRow>(problem.rows)};
  DeviceBuffer<std::byte> tokens(static_cast<std::size_t>(num_rows) * kHidden);
  DeviceBuffer<float> scales(static_cast<std::size_t>(num_rows) * 2);
  fill_normal(reinterpret_cast<__nv_fp8_e4m3*>(tokens.data()), tokens.size(), 2, 100.0F, nullptr);
  fill_uniform(scales.data(), scales.size(), 3, 1, 2, nullptr);
  DeviceBuffer<std::byte> packed(static_cast<std::size_t>(problem.gate_up.m_side.num_elements));
  DeviceBuffer<float> packed_scales(static_cast<std::size_t>(problem.gate_up.m_side.num_scales));
  pack_tokens({tokens.data(), scales.data(), kHidden}, rows.data(), num_rows, packed.data(),
              packed_scales.data(), nullptr);
  const auto from = tokens.download(), to = packed.download();
  const auto from_scales = scales.download(), to_scales = packed_scales.download();
  for (const PackedRow& row : problem.rows) {
    const auto token = static_cast<std::size_t>(row.token);
    for (std::size_t i = 0; i < kHidden; ++i)
      ASSERT_EQ(to[static_cast<std::size_t>(row.slot) * kHidden + i], from[token * kHidden + i]);
    for (std::size_t i = 0; i < 2; ++i)
      ASSERT_EQ(to_scales[static_cast<std::size_t>(row.gate_up_scale) +
                          i * static_cast<std::size_t>(row.scale_stride)],
                from_scales[token * 2 + i]);
  }
}

TEST_F(ExpertMlpOnDevice, QuantisationGivesTheNearestE4m3OfEachBlock) {
  const DeviceBuffer<PackedRow> rows{std::span<const PackedRow>(problem.rows)};
  const auto slots = static_cast<std::size_t>(problem.gate_up.out_elements) / (2 * kInter);
  DeviceBuffer<__nv_bfloat16> gate_up(slots * 2 * kInter);
  fill_normal(gate_up.data(), gate_up.size(), 4, 3.0F, nullptr);
  DeviceBuffer<std::byte> out(slots * kInter);
  DeviceBuffer<float> scales(static_cast<std::size_t>(problem.down.m_side.num_scales));
  out.poison();
  scales.poison();
  swiglu_quantise(reinterpret_cast<const std::byte*>(gate_up.data()), rows.data(), num_rows, kInter,
                  out.data(), scales.data(), nullptr);
  const auto in = gate_up.download();
  const auto bytes = out.download();
  const auto got_scales = scales.download();
  for (const PackedRow& row : problem.rows) {
    const auto slot = static_cast<std::size_t>(row.slot);
    for (std::size_t block = 0; block < kInter / 128; ++block) {
      std::vector<double> values;
      double largest = 0;
      for (std::size_t i = block * 128; i < block * 128 + 128; ++i) {
        const double gate = __bfloat162float(in[slot * 2 * kInter + i]);
        const double up = __bfloat162float(in[slot * 2 * kInter + kInter + i]);
        values.push_back(gate / (1 + std::exp(-gate)) * up);
        largest = std::max(largest, std::abs(values.back()));
      }
      const double scale = got_scales[static_cast<std::size_t>(row.down_scale) +
                                      block * static_cast<std::size_t>(row.scale_stride)];
      ASSERT_NEAR(scale, largest / kLargestE4m3, 1e-4 * largest / kLargestE4m3);
      for (std::size_t i = 0; i < 128; ++i) {
        const int expected = e4m3_bits(values[i] / scale);
        const int got = static_cast<int>(bytes[slot * kInter + block * 128 + i]);
        // A value on the edge between two numbers may fall on either side.
        ASSERT_LE(std::abs((got & 0x7f) - (expected & 0x7f)), 1);
      }
    }
  }
}

}  // namespace
}  // namespace moesim
