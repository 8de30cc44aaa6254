#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sim/routing/choice_chances.hpp"

namespace moesim {

/// A router whose mean load over classes of documents is given.
struct SettledRouter {
  std::vector<float> logits;    ///< of the classes, offsets included, [num_classes, num_experts]
  std::vector<double> offsets;  ///< added to the logits, [num_experts]
  std::vector<float> bias;      ///< [num_experts], zeros where it was not asked for
};

/// Noise of `num_tokens` sampled tokens, standard normal and antithetic, [num_tokens, num_experts].
std::vector<float> sampled_noise(std::size_t num_tokens, std::size_t num_experts, std::uint64_t seed);

/// Mean chances of each class over tokens of `noise`, [num_classes, num_experts]: the same `num_tokens` for
/// every class where it holds so many, else the next ones for each. `visit(row, chosen)` sees what each token
/// chooses.
template <class Visit>
std::vector<double> class_chances(ChoiceChances& chances, const SettledRouter& router, std::size_t num_tokens,
                                  std::span<const float> noise, Visit visit) {
  const std::size_t n = router.bias.size();
  const std::size_t num_noise = noise.size() / n;
  std::vector<double> rows(router.logits.size());
  std::size_t next = 0;
  for (std::size_t row = 0; row * n < router.logits.size(); ++row) {
    const std::span<double> sums = std::span(rows).subspan(row * n, n);
    const std::span<const float> mean = std::span(router.logits).subspan(row * n, n);
    for (std::size_t token = 0; token < num_tokens; ++token, ++next) {
      const std::span<const float> own = noise.subspan(next % num_noise * n, n);
      visit(row, chances.add_token(mean, own, router.bias, sums));
    }
    for (double& sum : sums) sum /= static_cast<double>(num_tokens);
  }
  return rows;
}

/// Where a step of the solver acts.
enum class Settling : std::uint8_t { offsets, bias };

/// One step towards the chances `target` from the present ones `now`, both [num_experts]: that of a normal
/// logit of standard deviation `spread` around the offset, times `share`. A bias moves by what its score
/// gains with such a logit at the critical value.
void step_towards(std::span<const double> target, std::span<const double> now, const GateSpec& gate,
                  double spread, Settling settling, double share, SettledRouter& router);

/// Moves the offsets or the bias of `router` until the mean chance over classes is `target` [num_experts]
/// (sum top_k) within 5 %, in at most 12 steps of `num_tokens` tokens of each class.
void settle(ChoiceChances& chances, std::span<const double> target, double spread, Settling settling,
            std::size_t num_tokens, std::span<const float> noise, SettledRouter& router);

}  // namespace moesim
