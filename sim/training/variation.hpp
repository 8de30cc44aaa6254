#pragma once

#include <cstdint>
#include <string_view>

#include "base/json.hpp"
#include "sim/training/training_inputs.hpp"

namespace moesim {

enum class IntervalEnd : std::uint8_t { low, high };

/// The same step with one uncertain input at an end of its interval: a constant of the stack or the profile
/// by name, or "routing" (rank_max_over_mean), "gpu_speed_sigma", "operator_jitter", "nic_efficiency". The
/// plan stays as it is. An input without interval stays, too.
TrainingInputs at_interval_end(const TrainingInputs& inputs, std::string_view name, IntervalEnd end);

/// The same step with every uncertain input drawn from its interval (triangular with the mode at its value)
/// by (seed, draw).
TrainingInputs drawn(const TrainingInputs& inputs, std::uint64_t draw);

inline constexpr int kNumReplays = 64;

/// {replays, step_time_s {p10, p50, p90}, gpu_hours_per_trillion_tokens {...}, num_inputs} over
/// kNumReplays drawn steps of representative GPUs. The result does not depend on `threads`.
Json training_uncertainty(const TrainingInputs& inputs, int threads);

}  // namespace moesim
