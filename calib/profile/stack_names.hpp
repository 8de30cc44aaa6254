#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "calib/profile/stack.hpp"

namespace moesim {

/// Phases of a training step as stacks name them; equal to the names of sim/schedule, which a test compares.
inline constexpr std::array<std::string_view, 10> kComputationPhases{
    "attention_forward", "mlp_forward",  "attention_backward", "mlp_backward",        "attention_weight",
    "mlp_weight",        "head_forward", "head_backward",      "attention_recompute", "mlp_recompute"};
inline constexpr std::array<std::string_view, 14> kCommunicationPhases{
    "dispatch_forward",      "combine_forward",       "dispatch_backward", "combine_backward",
    "send_activation",       "send_gradient",         "reduce_scatter",    "all_gather",
    "tensor_forward",        "tensor_backward",       "context_forward",   "context_backward",
    "expert_tensor_forward", "expert_tensor_backward"};
inline constexpr std::string_view kOptimizerPhase = "optimizer";

/// The first name in a stack that means nothing: an operator or kind of `kernels`, a class in `fused` or
/// `small_kernel_bytes`, a phase of `num_kernels`, `sync_points` or `overlap`, a contention that is no ratio
/// of its constants. Empty: none.
std::optional<SpecIssue> find_unknown_name(const Stack& stack);

}  // namespace moesim
