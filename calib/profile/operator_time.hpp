#pragma once

#include <span>
#include <string_view>

#include "calib/profile/profile.hpp"
#include "calib/profile/stack.hpp"
#include "models/operators.hpp"

namespace moesim {

/// How communication beside it slows an operator.
ComputeClass compute_class(const Operator& op);

/// The source row of a stack for an operator: by class, else by kind; nullptr where there is none.
const KernelSource* kernel_source_of(const Stack& stack, const Operator& op);

/// The shape of a gemm or grouped_gemm: rows (tokens of a weight gradient) are those of one group.
GemmShape gemm_shape_of(const Operator& op);

/// Time of all launches of an operator on an otherwise idle GPU at its sustained clocks: the isolated curves
/// times the stack's factor; GEMMs and attention over the constant sustained_rate, small kernels by their
/// bytes; 0 for what the stack fuses. Main gradients are part of weight gradients, pre and post of the
/// attention backward.
TimeEstimate operator_time(const Operator& op, const Stack& stack, const CalibrationProfile& profile);

/// Isolated times of several operators, by kind of computation.
struct ComputeTimes {
  double gemm_s = 0;
  double attention_s = 0;
  double small_s = 0;
  int launches = 0;  ///< fused operators left out

  [[nodiscard]] double total_s() const { return gemm_s + attention_s + small_s; }
};
ComputeTimes compute_times(std::span<const Operator> operators, const Stack& stack,
                           const CalibrationProfile& profile);

/// Time of `times` beside communication that takes `num_sms_taken` SMs, each kind at its overlapped rate.
double overlapped_seconds(const ComputeTimes& times, const Stack& stack, const CalibrationProfile& profile,
                          int num_sms_taken);

}  // namespace moesim
