#include "calib/kernels/dispatch/quantise_reference.hpp"

#include <cuda_fp8.h>

#include <algorithm>
#include <cmath>

#include "calib/kernels/dispatch/rows.hpp"

namespace moesim {

QuantisedRow quantise_reference(std::span<const __nv_bfloat16> row) {
  QuantisedRow result;
  for (std::size_t first = 0; first < row.size(); first += kQuantBlock) {
    const auto block = row.subspan(first, kQuantBlock);
    float amax = kLeastAmax;
    for (const __nv_bfloat16 x : block) amax = std::max(amax, std::abs(__bfloat162float(x)));
    const float inverse = kMaxE4m3 / amax;
    for (const __nv_bfloat16 x : block)
      result.codes.push_back(__nv_fp8_e4m3(__bfloat162float(x) * inverse).__x);
    result.scales.push_back(amax / kMaxE4m3);
  }
  return result;
}

std::vector<double> dequantised(std::span<const std::uint8_t> codes, std::span<const float> scales) {
  std::vector<double> values;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    __nv_fp8_e4m3 code;
    code.__x = codes[i];
    values.push_back(static_cast<double>(static_cast<float>(code)) *
                     static_cast<double>(scales[i / kQuantBlock]));
  }
  return values;
}

}  // namespace moesim
