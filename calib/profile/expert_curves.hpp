#pragma once

#include <array>
#include <string_view>

#include "calib/profile/nearest_points.hpp"

namespace moesim {

/// The routed experts of one GPU in one layer: gate and up as one GEMM, the activation, down.
struct ExpertShape {
  NumberFormat format = NumberFormat::fp8;
  double hidden = 0;
  double inter = 0;     ///< columns of this GPU: inter_size over the tensor-parallel size
  double experts = 0;   ///< of this GPU that have rows
  double rows = 0;      ///< over all of them
  double max_rows = 0;  ///< of the fullest; 0: all have as many
  double tokens = 0;    ///< that are packed before and unpacked behind; 0: the kernel starts from packed rows

  [[nodiscard]] double flops() const { return 6 * rows * hidden * inter; }
  /// Of the experts that have rows.
  [[nodiscard]] double weight_bytes() const;
  /// Rows that GEMMs run with tiles of 64: experts by load x follow max_rows (1 - x)^g with g such that the
  /// mean is rows / experts (over 16 equal shares of the experts), and each fills whole tiles.
  [[nodiscard]] double padded_rows() const;
};

/// Kernels that entries of expert_mlp name; points of one say nothing of another.
inline constexpr std::string_view kExpertsNormal = "deepep_normal";           ///< contiguous grouped GEMMs
inline constexpr std::string_view kExpertsLowLatency = "deepep_low_latency";  ///< masked grouped GEMMs
inline constexpr std::string_view kExpertsFused = "fused";                    ///< of a framework, Triton
inline constexpr std::string_view kExpertsFusedTrtllm = "fused_trtllm";       ///< of a framework, TRT-LLM's

/// What carries times of experts: weights of those with rows read at 83 % of the HBM bandwidth beside padded
/// rows at 59 % of the peak, the root of the squares; rows and tokens in and out at the bandwidth; and the
/// least time `start` of the kernel, again by the root of the squares.
double expert_carrier(const ExpertShape& shape, const GpuFacts& gpu, double start);

/// Times of one expert kernel in one format against load and weights.
class ExpertCurves {
 public:
  /// `start`: the shortest time of the kernel, in seconds.
  ExpertCurves(const GpuFacts& gpu, double start) : gpu_(gpu), start_(start) {}

  void add(const ExpertShape& shape, const TimeEstimate& estimate);
  [[nodiscard]] bool empty() const { return points_.empty(); }

  /// By NearestPoints over rows of an expert, experts, hidden, inter and skew (max over mean, which counts
  /// half). A shape without tokens asks for the kernel without packing. Needs at least one point.
  [[nodiscard]] TimeEstimate estimate(const ExpertShape& shape) const;

 private:
  GpuFacts gpu_;
  double start_;
  NearestPoints points_;
};

/// The shape of an expert_mlp entry.
ExpertShape expert_shape_of(const Entry& entry);

}  // namespace moesim
