#include "sim/routing/bias_balance.hpp"

#include <stdexcept>
#include <string>

#include "base/math.hpp"

namespace moesim {

void update_bias(BiasRule rule, double speed, std::span<const double> load, std::span<float> bias) {
  if (load.size() != bias.size()) throw std::invalid_argument("a bias for each expert's load");
  const double total = sum_fixed_order(load);
  if (!(total > 0)) return;
  const auto num_experts = static_cast<double>(load.size());
  for (std::size_t i = 0; i < load.size(); ++i) {
    const double lacking =
        total - load[i] * num_experts;  // of the mean, times num_experts: whole numbers stay whole
    const double sign = lacking > 0 ? 1 : lacking < 0 ? -1 : 0;
    const double step = speed * (rule == BiasRule::sign ? sign : lacking / total);
    bias[i] = static_cast<float>(static_cast<double>(bias[i]) + step);
  }
}

const Spec<BiasPart>& spec_of(const BiasPart*) {
  static const Spec<BiasPart> spec =
      Spec<BiasPart>("bias part", "A stretch of steps with one bias update speed.")
          .field("speed", &BiasPart::speed, "u, in units of a score, a step", between(0, kMostBiasSpeed))
          .field("steps", &BiasPart::steps, "how many; absent: to the end", at_least(1));
  return spec;
}

double BiasSchedule::speed_at(std::int64_t step) const {
  if (!bias_update_steps || step < *bias_update_steps) return bias_update_speed;
  std::int64_t left = step - *bias_update_steps;
  for (const BiasPart& part : bias_update_parts) {
    if (!part.steps || left < *part.steps) return part.speed;
    left -= *part.steps;
  }
  return 0;
}

std::optional<SpecIssue> bias_schedule_issue(const BiasSchedule& schedule) {
  const auto& parts = schedule.bias_update_parts;
  if (!parts.empty() && !schedule.bias_update_steps) {
    return SpecIssue{"/bias_update_parts", "parts after a speed that never ends",
                     "state bias_update_steps, 0 where the parts are the whole schedule"};
  }
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    if (parts[i].steps) continue;
    return SpecIssue{"/bias_update_parts/" + std::to_string(i), "a part without an end before another",
                     "state its steps"};
  }
  return std::nullopt;
}

}  // namespace moesim
