#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "models/model_spec.hpp"

namespace moesim {

/// Whose code a gate follows where published implementations of one model differ.
enum class GateFlavour : std::uint8_t {
  reference,    ///< the authors' inference code: experts outside the kept groups count as -inf
  hugging_face  ///< transformers: they count as 0.0; sigmoid divides by sum + 1e-20, softmax by the sum *or*
                ///< multiplies by the scale
};

/// What a gate does to the logits of one token.
struct GateSpec {
  int num_experts = 1;  ///< at most 65,535
  int top_k = 1;
  int num_groups = 1;   ///< contiguous groups of num_experts / num_groups experts
  int topk_groups = 1;  ///< groups that a token may reach; num_groups: no limit
  Scoring scoring = Scoring::softmax;
  GroupScore group_score = GroupScore::none;  ///< needed where groups limit
  bool normalise = false;                     ///< the weights of the chosen are divided by their sum
  bool has_bias = false;                      ///< a bias takes part in the choice, never in the weights
  double route_scale = 1;                     ///< factor of every weight
  GateFlavour flavour = GateFlavour::reference;
  bool random_second = false;  ///< top-2 whose second is used with probability 2 g2 (GShard, Algorithm 1)
};

/// The gate of a model's MoE layers. The reference flavour normalises every sigmoid gate, as DeepSeek-V3's
/// inference code does; one with a random second is normalised as in GShard's Algorithm 1. Throws
/// std::invalid_argument for a model without experts.
GateSpec gate_of(const ModelSpec& model, GateFlavour flavour = GateFlavour::reference);

/// A choice that is not used: GShard's second expert, when it is not drawn.
inline constexpr std::uint16_t kNoExpert = 0xffff;

/// Where the tokens of a batch go.
struct RoutedTokens {
  int top_k = 0;
  std::vector<std::uint16_t> experts;  ///< [num_tokens, top_k], by biased score, best first
  std::vector<float> weights;          ///< [num_tokens, top_k] of these experts; 0 for kNoExpert
};

/// Instructions that the gate uses. Every level gives the same bits.
enum class SimdLevel : std::uint8_t { scalar, sse2, avx2, avx512 };

/// The widest level that this processor and operating system have.
SimdLevel best_simd_level();
/// The levels that this processor has, the narrowest first.
std::vector<SimdLevel> simd_levels();
std::string_view name_of(SimdLevel level);

/// The functional router: from logits to chosen experts and their weights, in single precision.
///
/// Scores are the softmax over all experts or the sigmoid of each; the biased score, score + bias, decides.
/// Where groups limit, a group scores its best biased score or the sum of its two best; topk_groups of them
/// stay. Ties go to the lowest id, between experts as between groups. Weights are the unbiased scores of the
/// chosen. The same bits at every level and on every x86-64: e^x is gate_exp, sums have one order.
class Gate {
 public:
  /// Throws std::invalid_argument for a spec that contradicts itself or a level the processor lacks.
  explicit Gate(const GateSpec& spec, SimdLevel level = best_simd_level());

  /// Routes the tokens of `logits` [num_tokens, num_experts] into `out`, whose memory is used again.
  /// `bias` [num_experts], or empty: zeros; refused where the gate has none.
  /// `uniforms` [num_tokens] in [0, 1), one for each token's second expert; empty unless random_second.
  /// `score_sums` [num_experts] grows by the normalised scores s / sum(s) of every token (the P_i of balance
  /// losses, single precision a token); empty: not wanted. May be called from several threads at once.
  /// Throws std::invalid_argument for sizes that do not agree, a logit or bias that is not finite, or a
  /// uniform outside [0, 1); `out` and `score_sums` are unspecified then.
  void route(std::span<const float> logits, std::span<const float> bias, std::span<const float> uniforms,
             RoutedTokens& out, std::span<double> score_sums = {}) const;

  [[nodiscard]] const GateSpec& spec() const { return spec_; }
  [[nodiscard]] SimdLevel level() const { return level_; }

 private:
  GateSpec spec_;
  SimdLevel level_;
};

}  // namespace moesim
