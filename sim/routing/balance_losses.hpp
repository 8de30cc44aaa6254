#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/spec.hpp"

namespace moesim {

/// Over what the expert, device and communication losses are taken.
enum class LossScope : std::uint8_t {
  batch,    ///< all tokens of a step (Switch, DeepSeekMoE-16B)
  sequence  ///< each sequence, then the mean (DeepSeek-V2, whose T is the tokens of a sequence)
};

template <>
struct EnumNames<LossScope> {
  static constexpr std::array<std::pair<LossScope, std::string_view>, 2> table{
      {{LossScope::batch, "batch"}, {LossScope::sequence, "sequence"}}};
};

/// The factors of a run's balance losses. What they do to affinities: loss_effect.hpp.
struct LossSpec {
  double expert = 0;         ///< alpha_1 of DeepSeek-V2 (0.003); alpha of Switch (0.01)
  double device = 0;         ///< alpha_2 of DeepSeek-V2 (0.05)
  double communication = 0;  ///< alpha_3 of DeepSeek-V2 (0.02)
  double sequence = 0;       ///< alpha of DeepSeek-V3 (1e-4)
  LossScope scope = LossScope::batch;

  [[nodiscard]] bool any() const { return expert != 0 || device != 0 || communication != 0 || sequence != 0; }
};
const Spec<LossSpec>& spec_of(const LossSpec*);

/// Values of the losses, each with its factor.
struct LossTerms {
  double expert = 0, device = 0, communication = 0, sequence = 0;
  [[nodiscard]] double total() const { return expert + device + communication + sequence; }
};

/// The constants in the losses' formulas.
struct LossShape {
  int num_experts = 1;
  int top_k = 1;
  int num_devices = 1;   ///< D; experts lie on devices in equal contiguous blocks
  int device_limit = 1;  ///< M, devices that a token may reach
};

/// What the losses take from a batch or a sequence. Sums, so parts of it add up.
struct BalanceSums {
  explicit BalanceSums(const LossShape& shape);
  double num_tokens = 0;
  std::vector<double> chosen;  ///< [num_experts] tokens that choose the expert
  std::vector<double> scores;  ///< [num_experts] sum of s_i / sum_j s_j over tokens, of scores without bias
  std::vector<double> sent;    ///< [num_devices] tokens sent to the device, each once
  BalanceSums& operator+=(const BalanceSums& other);
  void clear();
};

/// Counts the choices of tokens into `sums.chosen` and `sums.sent` and adds to num_tokens; the scores come
/// from Gate::route. `experts` is [num_tokens, top_k]; kNoExpert of gate.hpp counts nowhere.
/// Throws std::invalid_argument for an expert out of range and a length that is no multiple of top_k.
void count_choices(const LossShape& shape, std::span<const std::uint16_t> experts, BalanceSums& sums);

// Each loss is alpha sum_i c_i P_i with P_i = scores_i / num_tokens, and alpha exactly when all c_i are 1.
// DeepSeek-V2 technical report (arXiv 2405.04434), section 2.2.3; 0 for no tokens.

/// c_i = f_i = N / (K T) chosen_i. DeepSeek-V2's expert loss (equations 23 to 25); with the choices that a
/// gate without bias makes inside one sequence, DeepSeek-V3's sequence-wise loss (arXiv 2412.19437, equations
/// 17 to 20); with K = 1, Switch Transformer's alpha N sum f_i P_i (arXiv 2101.03961, equations 4 to 6).
double expert_loss(double alpha, const LossShape& shape, const BalanceSums& sums);

/// c_d = f'_d, the mean f_i of the device's experts; P'_d the sum of their P_i (equations 26 to 28).
double device_loss(double alpha, const LossShape& shape, const BalanceSums& sums);

/// c_d = f''_d = D / (M T) sent_d, P''_d the sum of the device's P_i (equations 29 to 31).
double communication_loss(double alpha, const LossShape& shape, const BalanceSums& sums);

/// dL/dP_i of expert + device + communication loss with the factors of `spec`, f taken as constant: it is a
/// count and has no gradient. [num_experts]
std::vector<double> loss_coefficients(const LossSpec& spec, const LossShape& shape, const BalanceSums& sums);

}  // namespace moesim
