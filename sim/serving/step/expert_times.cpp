// Routed experts of a layer.
#include <algorithm>
#include <cmath>

#include "base/math.hpp"
#include "sim/serving/step/layer_times.hpp"

namespace moesim {

namespace {

double real(std::int64_t count) {
  return static_cast<double>(count);
}

/// How much streaming of weights counts beside a table: 1 up to 8 rows of an expert, nothing from 64 on.
double streamed_share(double rows) {
  constexpr double kFew = 8, kMany = 64;
  return std::clamp(log_det(kMany / std::max(rows, 1.0)) / log_det(kMany / kFew), 0.0, 1.0);
}

}  // namespace

double LayerTimes::expert_weights(const ExpertShape& shape) const {
  const bool narrow = input_.pool->precision == NumberFormat::nvfp4;
  return shape.weight_bytes() * (narrow ? kNvfp4Element / bytes_per_element(shape.format) : 1.0);
}

double LayerTimes::streamed_experts(const ExpertShape& shape) const {
  constexpr double kPeakShare = 1 / 1.7;  // as expert_carrier() has it
  const GpuFacts& gpu = input_.profile->gpu();
  const double bandwidth = gpu.hbm_bandwidth.value();
  const double weights = expert_weights(shape) / (expert_bandwidth_ * bandwidth);
  const double peak = gpu.peak_of(input_.pool->precision).value();
  const double gemms = 6 * shape.padded_rows() * shape.hidden * shape.inter / (kPeakShare * peak);
  const double rows =
      (shape.rows * (3 * shape.hidden + 8 * shape.inter) + 4 * shape.tokens * shape.hidden) / bandwidth;
  return expert_start() + rows + std::sqrt(weights * weights + gemms * gemms);
}

double LayerTimes::expert_start() const {
  constexpr int kNumKernels = 5;  // sort, quantise, activation, sum beside the GEMMs
  return kNumKernels * input_.profile->small(Bytes(0)).seconds;
}

TimeEstimate LayerTimes::expert_kernel(const ExpertShape& shape, bool prompt) const {
  const auto& tables = input_.profile->serving_curves();
  ExpertKernel kernel = phase(prompt).experts;
  if (kernel == ExpertKernel::fused_trtllm && !tables.experts(kExpertsFusedTrtllm, shape))
    kernel = ExpertKernel::fused;
  TimeEstimate time = input_.profile->expert_mlp(shape, enum_name(kernel));
  if (input_.pool->precision == NumberFormat::nvfp4) {
    const double bytes = shape.weight_bytes() + shape.rows * (3 * shape.hidden + 8 * shape.inter);
    time = narrowed(time, expert_start(), bytes, shape.weight_bytes() - expert_weights(shape), shape.flops(),
                    shape.format, NumberFormat::nvfp4);
  }
  const double share = streamed_share(shape.rows / shape.experts);
  if (expert_bandwidth_ <= 0 || share <= 0) return time;
  const double streamed = streamed_experts(shape);
  if (streamed < time.seconds) {
    time.seconds = share * streamed + (1 - share) * time.seconds;
    time.provenance = Provenance::fitted;
    time.grade = Grade::rule;
  }
  return time;
}

PartTime LayerTimes::experts(const ExpertWork& work, bool prompt) const {
  const ModelSpec& model = *input_.model;
  const NumberFormat precision = input_.pool->precision;
  const double touched = std::max(work.touched, 1.0), rows = std::max(work.rows, 1.0);
  ExpertShape shape{precision == NumberFormat::nvfp4 ? NumberFormat::fp8 : precision, real(model.hidden),
                    real(model.expert_intermediate / input_.pool->layout.expert_tp()), touched,
                    std::max(rows, touched)};
  shape.max_rows = work.max_over_mean * shape.rows / touched;
  shape.tokens = work.tokens;
  TimeEstimate time = expert_kernel(shape, prompt);
  const double weights = expert_weights(shape);
  time.seconds =
      std::max(time.seconds, weights / (cold_bandwidth_ * input_.profile->gpu().hbm_bandwidth.value()));
  const double moved = shape.rows * (shape.hidden * 3 + 8 * shape.inter) + work.tokens * 4 * shape.hidden;
  const double flops = 6 * rows * shape.hidden * shape.inter;
  const bool hot = bound_by_compute(flops, weights + moved, precision);
  return computed(time, precision, flops, weights + moved, hot ? rate_of(prompt) : 1);
}

}  // namespace moesim
