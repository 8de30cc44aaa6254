#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "calib/kernels/host_device.hpp"

namespace moesim {

// References of the elementwise kernels in FP64, and the constants that both sides share.

inline constexpr int kRotaryDims = 64;         ///< of a head, as in DeepSeek-V3
inline constexpr int kRotaryPositions = 4096;  ///< row r of a batch stands at position r mod 4096
inline constexpr double kRotaryBase = 10000;
inline constexpr int kQuantizedBlock = 128;
inline constexpr float kLargestFp8 = 448;  ///< of E4M3
inline constexpr double kNormEpsilon = 1e-6;

/// out[c] = silu(gate[c]) up[c]; `row` holds gate, then up.
inline std::vector<double> swiglu_reference(std::span<const double> row) {
  const std::size_t columns = row.size() / 2;
  std::vector<double> out(columns);
  for (std::size_t c = 0; c < columns; ++c) out[c] = row[c] / (1 + std::exp(-row[c])) * row[columns + c];
  return out;
}

/// out[c] = weight[c] x[c] / sqrt(mean of squares + epsilon) (Zhang and Sennrich 2019).
inline std::vector<double> rms_norm_reference(std::span<const double> row, std::span<const double> weight) {
  double squares = 0;
  for (const double x : row) squares += x * x;
  const double scale = 1 / std::sqrt(squares / static_cast<double>(row.size()) + kNormEpsilon);
  std::vector<double> out(row.size());
  for (std::size_t c = 0; c < row.size(); ++c) out[c] = weight[c] * row[c] * scale;
  return out;
}

/// The pair of a head that a column belongs to: neighbours (2 i, 2 i + 1) turn together.
MOESIM_HOST_DEVICE inline int rotary_pair(std::size_t column) {
  return static_cast<int>(column % kRotaryDims) / 2;
}

/// The angle of a pair at a position (Su et al. 2021).
inline double rotary_angle(int position, int pair) {
  return position * std::pow(kRotaryBase, -2.0 * pair / kRotaryDims);
}

inline std::vector<double> rope_reference(std::span<const double> row, int position) {
  std::vector<double> out(row.size());
  for (std::size_t c = 0; c < row.size(); c += 2) {
    const double angle = rotary_angle(position, rotary_pair(c));
    out[c] = row[c] * std::cos(angle) - row[c + 1] * std::sin(angle);
    out[c + 1] = row[c] * std::sin(angle) + row[c + 1] * std::cos(angle);
  }
  return out;
}

/// The scale of a block: its largest size over 448; 1 for a block of zeros.
inline double quantized_scale(std::span<const double> block) {
  double largest = 0;
  for (const double x : block) largest = std::fmax(largest, std::fabs(x));
  return largest > 0 ? largest / kLargestFp8 : 1;
}

}  // namespace moesim
