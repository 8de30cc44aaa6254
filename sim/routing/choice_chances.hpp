#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/routing/function_table.hpp"
#include "sim/routing/gate.hpp"

namespace moesim {

/// Chances that a token chooses each expert where its logits are a known mean plus independent normal noise.
/// For each sampled token and expert, with the noise of all other experts as drawn, an expert is chosen
/// exactly when its own logit is above a critical value, since a higher logit never loses it a place; the
/// chance of that is one value of the normal distribution. Averaged over tokens this is the expectation of
/// the gate's own choice (Rao-Blackwell), with some hundred times less variance than counting choices.
///
/// The rules are those of Gate in the reference flavour. Under softmax with a bias the denominator counts as
/// given. Functions are read from tables, within 2e-4 of a chance.
class ChoiceChances {
 public:
  /// `sigma`: standard deviation of the noise, above 0. Throws std::invalid_argument for GShard's random
  /// second expert.
  ChoiceChances(const GateSpec& gate, double sigma);

  /// One token: `mean` [num_experts] logits, `noise` [num_experts] standard normals, `bias` [num_experts].
  /// Adds its chances to `chances` [num_experts], or nothing where that is empty. Returns the experts that it
  /// chooses, [top_k], in no order, valid until the next call.
  std::span<const std::uint16_t> add_token(std::span<const float> mean, std::span<const float> noise,
                                           std::span<const float> bias, std::span<double> chances);

  [[nodiscard]] const GateSpec& gate() const { return gate_; }

 private:
  /// Best values first, with their experts; only the first `num` are meant.
  struct Best {
    std::vector<float> value;
    std::vector<std::uint16_t> expert;
    int num = 0;
    void clear() { num = 0; }
    void offer(float v, std::uint16_t e);
  };
  void score_token(std::span<const float> mean, std::span<const float> noise, std::span<const float> bias);
  void rank_groups();
  void choose();
  /// What the score of each expert of a group has to exceed, the others' being as they are.
  void find_critical(int group, bool kept);
  void add_chances(std::span<const float> mean, std::span<const float> bias, std::span<double> chances) const;
  [[nodiscard]] float softmax_logit(float score) const;

  GateSpec gate_;
  float sigma_;
  bool limited_;
  bool by_logits_;  ///< logits decide: no score has to be formed
  int group_size_;
  const FunctionTable& sigmoid_of_;
  const FunctionTable& logit_of_;
  const FunctionTable& cdf_of_;
  std::vector<float> scores_;        ///< [num_experts] biased
  std::vector<float> critical_;      ///< [num_experts] biased scores
  std::vector<float> group_scores_;  ///< [num_groups]
  std::vector<float> group_best_;    ///< [num_groups, 3]
  std::vector<int> group_order_;     ///< [num_groups] best first
  float denominator_ = 1;            ///< of the softmax
  float greatest_ = 0;
  Best kept_;    ///< of the kept groups
  Best others_;  ///< of the kept groups but the last of them
  Best merged_;
  std::vector<std::uint16_t> chosen_;
};

}  // namespace moesim
