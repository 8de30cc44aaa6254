#pragma once

#include <cuda_bf16.h>

#include <cstdint>
#include <span>
#include <vector>

namespace moesim {

/// A row in blocks of 128, quantised on the host as launch_quantise_permute() says.
struct QuantisedRow {
  std::vector<std::uint8_t> codes;  ///< E4M3, [columns]
  std::vector<float> scales;        ///< [columns / 128]
};
QuantisedRow quantise_reference(std::span<const __nv_bfloat16> row);

/// The values that codes and scales stand for.
std::vector<double> dequantised(std::span<const std::uint8_t> codes, std::span<const float> scales);

}  // namespace moesim
