#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/spec.hpp"

namespace moesim {

/// How a bias follows the load of its expert (Wang et al. 2024, "Auxiliary-Loss-Free Load Balancing Strategy
/// for Mixture-of-Experts", arXiv 2408.15664, algorithm 1 and its variant).
enum class BiasRule : std::uint8_t {
  sign,         ///< b_i += u sign(mean load - load_i), nothing at equality
  proportional  ///< b_i += u e_i, e_i = (mean load - load_i) / mean load
};

template <>
struct EnumNames<BiasRule> {
  static constexpr std::array<std::pair<BiasRule, std::string_view>, 2> table{
      {{BiasRule::sign, "sign"}, {BiasRule::proportional, "proportional"}}};
};

/// One step of the biases of a layer. `load` and `bias` are [num_experts], the load in tokens of the whole
/// batch of the step; no load at all changes nothing. `speed` is u, in units of a score. The paper gives no
/// unit for e_i; over the mean load it does not depend on the batch, and the speeds of the paper (1e-4 to
/// 1e-2) are then meaningful for either rule (assumed). Equality is exact for loads that are whole numbers.
/// Throws std::invalid_argument where the sizes differ.
void update_bias(BiasRule rule, double speed, std::span<const double> load, std::span<float> bias);

/// Greatest speed of a schedule: scores are at most 1, so that one step of it passes them all.
inline constexpr double kMostBiasSpeed = 1;

/// A stretch of steps with one speed.
struct BiasPart {
  double speed = 0;
  std::optional<std::int64_t> steps;  ///< absent: to the end
  bool operator==(const BiasPart&) const = default;
};
const Spec<BiasPart>& spec_of(const BiasPart*);

/// How the biases of a run move: `bias_update_speed` for the first `bias_update_steps` steps (absent:
/// always), then the parts one after the other, then 0. DeepSeek-V3: 0.001, 0 at the end of training. A spec
/// that states it derives from this struct and calls add_bias_fields.
struct BiasSchedule {
  double bias_update_speed = 0;  ///< 0: no bias moves
  BiasRule bias_rule = BiasRule::sign;
  std::optional<std::int64_t> bias_update_steps;
  std::vector<BiasPart> bias_update_parts;

  /// The speed of a step, counted from 0. Cost: the number of parts.
  [[nodiscard]] double speed_at(std::int64_t step) const;
};

/// What is wrong with the parts, with a pointer relative to the object that holds the keys.
std::optional<SpecIssue> bias_schedule_issue(const BiasSchedule& schedule);

/// The keys bias_update_speed, bias_rule, bias_update_steps and bias_update_parts.
template <class T>
Spec<T>& add_bias_fields(Spec<T>& spec) {
  return spec
      .field("bias_update_speed", &BiasSchedule::bias_update_speed,
             "u of loss-free balancing, in units of a score, a step; 0: no bias moves",
             optional() | between(0, kMostBiasSpeed))
      .field("bias_rule", &BiasSchedule::bias_rule,
             "sign: u by the sign of what an expert lacks; proportional: u times what it lacks over the mean",
             optional())
      .field("bias_update_steps", &BiasSchedule::bias_update_steps,
             "steps with that speed; absent: all of them", at_least(0))
      .field("bias_update_parts", &BiasSchedule::bias_update_parts,
             "what follows those steps, one part after the other; speed 0 after the last", optional())
      .check([](const T& object) { return bias_schedule_issue(object); });
}

}  // namespace moesim
