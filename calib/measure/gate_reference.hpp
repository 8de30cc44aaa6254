#pragma once

#include <span>
#include <vector>

namespace moesim {

/// A gate with sigmoid scores, a bias that only chooses, and groups, as DeepSeek-V3 has it. Every group holds
/// experts / groups neighbours.
struct GateShape {
  int experts = 256;
  int groups = 8;
  int kept_groups = 4;
  int top_k = 8;
  double scale = 2.5;
};

/// What a token chose, the greatest biased score first.
struct GateChoice {
  std::vector<int> experts;     ///< [top_k]
  std::vector<double> weights;  ///< [top_k]; their sum is the scale
  /// The least distance between what was kept and what was dropped, groups and experts: a gate of lower
  /// precision may choose otherwise where this is tiny.
  double margin = 0;
};

/// The gate of the DeepSeek-V3 inference code in FP64: score = sigmoid(logit); a group's score is the sum of
/// its two largest score + bias; the best `kept_groups` groups stay, then the `top_k` largest score + bias of
/// them; weights are the scores of the chosen over their sum, times `scale`. Ties: the lowest number first.
/// `logits` and `bias` are [experts].
GateChoice gate_reference(const GateShape& shape, std::span<const float> logits, std::span<const float> bias);

}  // namespace moesim
