#include "calib/kernels/gemm/operands.hpp"

#include <utility>

#include "calib/kernels/fill.hpp"

namespace moesim {

namespace {

constexpr float kE4m3Deviation = 120;

}  // namespace

GroupedOperand::GroupedOperand(NumberFormat format, GroupedLayout layout, std::uint64_t seed,
                               cudaStream_t stream)
    : layout_(std::move(layout)), element_bytes_(is_fp8(format) ? 1 : 2) {
  const auto count = static_cast<std::size_t>(layout_.num_elements);
  elements_ = DeviceBuffer<std::byte>(count * static_cast<std::size_t>(element_bytes_));
  if (!is_fp8(format)) {
    fill_normal(reinterpret_cast<__nv_bfloat16*>(elements_.data()), count, seed, 1.0F, stream);
    return;
  }
  fill_normal(reinterpret_cast<__nv_fp8_e4m3*>(elements_.data()), count, seed, kE4m3Deviation, stream);
  scales_ = DeviceBuffer<float>(static_cast<std::size_t>(layout_.num_scales));
  fill_uniform(scales_.data(), scales_.size(), seed + 1, 0.5F / kE4m3Deviation, 1.5F / kE4m3Deviation,
               stream);
}

}  // namespace moesim
