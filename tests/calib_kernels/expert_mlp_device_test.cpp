#include <gtest/gtest.h>

#include <vector>

#include "calib/kernels/device_buffer.hpp"
#include "calib/kernels/expert_mlp/mlp_kernels.hpp"
#include "calib/kernels/fill.hpp"
#include "tests/calib_kernels/device_test.hpp"
#include "tests/calib_kernels/expert_mlp_expect.hpp"

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
  test::expect_packed(problem, tokens.download(), scales.download(), packed.download(),
                      packed_scales.download());
}

TEST_F(ExpertMlpOnDevice, QuantisationGivesTheNearestE4m3OfEachBlock) {
  const DeviceBuffer<PackedRow> rows{std::span<const PackedRow>(problem.rows)};
  DeviceBuffer<__nv_bfloat16> gate_up(static_cast<std::size_t>(problem.gate_up.out_elements));
  fill_normal(gate_up.data(), gate_up.size(), 4, 3.0F, nullptr);
  DeviceBuffer<std::byte> out(static_cast<std::size_t>(problem.down.m_side.num_elements));
  DeviceBuffer<float> scales(static_cast<std::size_t>(problem.down.m_side.num_scales));
  out.poison();
  scales.poison();
  swiglu_quantise(reinterpret_cast<const std::byte*>(gate_up.data()), rows.data(), num_rows, kInter,
                  out.data(), scales.data(), nullptr);
  test::expect_quantised(problem, gate_up.download(), out.download(), scales.download());
}

}  // namespace
}  // namespace moesim
