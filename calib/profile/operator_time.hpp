#pragma once

#include <array>
#include <string_view>

#include "calib/profile/profile.hpp"
#include "calib/profile/stack.hpp"
#include "models/operators.hpp"

namespace moesim {

/// Kinds of operators as `kernels` of a stack name them.
inline constexpr std::array<std::string_view, 5> kOperatorKinds{"gemm", "grouped_gemm", "weight_gradient",
                                                                "attention_core", "small"};

/// How communication beside it slows an operator.
ComputeClass compute_class(const Operator& op);

/// The source row of a stack for an operator: by class, else by kind; nullptr where there is none.
const KernelSource* kernel_source_of(const Stack& stack, const Operator& op);

/// The shape of a gemm or grouped_gemm: rows (tokens of a weight gradient) are those of one group.
GemmShape gemm_shape_of(const Operator& op);

/// The profile's where it has one, else the stack's.
ResolvedConstant sustained_rate(const Stack& stack, const CalibrationProfile& profile);

/// Time of all launches of an operator on an otherwise idle GPU at its sustained clocks: the isolated curves
/// times the stack's factor; GEMMs and attention over sustained_rate, small kernels by their
/// bytes; 0 for what the stack fuses. Main gradients are part of weight gradients, pre and post of the
/// attention backward.
TimeEstimate operator_time(const Operator& op, const Stack& stack, const CalibrationProfile& profile);

}  // namespace moesim
