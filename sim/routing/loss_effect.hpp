#pragma once

#include <span>
#include <vector>

#include "models/model_spec.hpp"
#include "sim/routing/balance_losses.hpp"

namespace moesim {

// What balance losses do to the gate, for a simulation without a language model. Every expert has an offset
// o_j that is added to its logits for all tokens. Only P carries a gradient, f is a count:
//
//   p_i = s_i / sum s,   dp_i/do_j = p_j r_j (delta_ij - p_i),   r_j = 1 (softmax), 1 - s_j (sigmoid)
//   dL/do_j = E[p_j r_j (c_j - sum_i c_i p_i)]  ~  r_j P_j (c_j - sum_i c_i P_i),   c_i = dL/dP_i
//
// The right side is the mean field over the tokens of a batch or sequence: it neglects the covariance of p_j
// with p_i and with r_j but for r_j = E[p_j r_j] / P_j. Its error relative to P_j (c_j - mean c) is about
// P_j (sd of p_j / P_j)^2, a few per cent for 64 experts and logits of deviation 1.

/// [num_experts] r_j = E[p_j r_j] / E[p_j], in (0, 1], from a sample of tokens: logits [num_tokens,
/// num_experts]. 1 for softmax. A few dozen tokens suffice; about 20 ns a logit. Throws std::invalid_argument
/// for no tokens.
std::vector<double> score_slopes(Scoring scoring, std::span<const float> logits, int num_experts);

/// Accumulates losses and their gradients over the sequences, or the batch, of a step.
class LossMeter {
 public:
  LossMeter(const LossSpec& spec, const LossShape& shape);

  /// A batch or, for LossScope::sequence, one sequence: expert, device and communication loss.
  void add(const BalanceSums& part);
  /// One sequence for the sequence-wise loss, `chosen` from a gate without bias.
  void add_sequence(const BalanceSums& sequence);
  /// Mean over the parts and over the sequences; 0 where none was added.
  [[nodiscard]] LossTerms mean() const;
  /// [num_experts] gradient of the mean total loss with respect to the offsets. `slopes`: score_slopes, or
  /// empty for 1 (softmax). It sums to 0 with equal slopes.
  [[nodiscard]] std::vector<double> gradient(std::span<const double> slopes = {}) const;
  void clear();

 private:
  LossSpec spec_;
  LossShape shape_;
  LossTerms sums_;
  double num_parts_ = 0;
  double num_sequences_ = 0;
  std::vector<double> part_gradient_;      // [num_experts] sum over parts of P_j (c_j - sum c_i P_i)
  std::vector<double> sequence_gradient_;  // the same of the sequence-wise loss
};

/// What balance losses do to a functional simulation, where no gradient of a language model exists. Where it
/// comes to rest depends on factor x effect / pull alone.
struct LossDynamics {
  double effect = 0;    ///< logits a step for a gradient of 1 times num_experts
  double pull = 0;      ///< share of the way back to its natural popularity a step
  double max_step = 0;  ///< most logits that the losses move an expert a step
};

/// One step of the offsets of a layer, [num_experts] each:
///   o_j -= clamp(effect x num_experts x gradient_j, +-max_step);  o_j += pull x (natural_j - o_j)
/// `natural` is the popularity that the language model alone would keep. At rest the losses and the pull
/// cancel: effect x num_experts x gradient_j = pull x (natural_j - o_j) to first order in `pull`; only
/// effect / pull sets where, their size how fast.
void apply_losses(const LossDynamics& dynamics, std::span<const double> gradient,
                  std::span<const double> natural, std::span<double> offsets);

/// Logits beyond which a reinforced offset does not go: a float's sigmoid still tells 8 from less.
inline constexpr double kReinforcedLimit = 8;

/// The rich get richer: o_j += rate x (f_j - 1), f_j = load_j / mean load, clamped to +-kReinforcedLimit.
/// Chosen experts learn and are chosen more (Shazeer et al. 2017, arXiv 1701.06538, section 4); the rule and
/// its rate are assumed. `load`, `offsets` [num_experts]; rate in logits a step; no load changes nothing.
void reinforce(double rate, std::span<const double> load, std::span<double> offsets);

}  // namespace moesim
