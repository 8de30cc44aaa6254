#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/routing/balancing.hpp"
#include "sim/routing/choice_chances.hpp"
#include "sim/routing/document_classes.hpp"
#include "sim/routing/gate.hpp"
#include "sim/routing/settled_router.hpp"

namespace moesim {

/// Where the tokens of one MoE layer go in the mean, by class of documents: matrices that stand for routing
/// every token.
struct MeanLoads {
  std::size_t num_classes = 0;
  std::size_t num_experts = 0;
  std::size_t num_ranks = 0;
  std::size_t num_nodes = 0;
  std::vector<double> offsets;  ///< of logits: popularity, and balancing without a bias, [num_experts]
  std::vector<float> bias;      ///< [num_experts]; empty where the gate has none
  std::vector<double> experts;  ///< chance that a token chooses an expert, [num_classes, num_experts]
  std::vector<double> ranks;    ///< choices of a token on a rank, [num_classes, num_ranks]
  std::vector<double> nodes;    ///< chance that a token reaches a node, [num_classes, num_nodes]
  double ranks_per_token = 1;   ///< distinct ranks, mean over classes
  double nodes_per_token = 1;
};

/// Makes the mean matrices of layers, for contiguous placement on `num_ranks` ranks of `num_nodes` nodes.
///
/// About 1024 tokens of all classes together are routed in a layer, at least 16 of each. A node's chances are
/// a parabola of the choices that go to it, fitted through all classes and nodes, since counted ones are
/// noisier. What a settled bias leaves of up to 5 % in the mean is divided out.
class MeanLoadsMaker {
 public:
  /// Throws std::invalid_argument for a gate without a critical logit and a token_sigma of 0.
  MeanLoadsMaker(const GateSpec& gate, const AffinitySpec& affinity, Balancing balancing, int num_ranks,
                 int num_nodes, std::uint64_t seed);

  [[nodiscard]] const DocumentClasses& classes() const { return classes_; }
  /// Of MoE layer `layer`: 15 ms for 256 experts.
  [[nodiscard]] MeanLoads of_layer(int layer);
  /// Standard deviation of an expert's logit over tokens and documents.
  [[nodiscard]] double spread() const { return spread_; }

 private:
  [[nodiscard]] SettledRouter settled_router(int layer);
  /// Distinct ranks and nodes of a token.
  void count_places(const SettledRouter& router, MeanLoads& loads);

  GateSpec gate_;
  AffinitySpec affinity_;
  Balancing balancing_;
  int num_ranks_;
  int num_nodes_;
  std::uint64_t seed_;
  DocumentClasses classes_;
  ChoiceChances chances_;
  double spread_;
  std::vector<double> even_;      ///< [num_experts] chances
  std::size_t tokens_per_class_;  ///< routed
  std::size_t settling_tokens_;   ///< per class in a step of the solver
  std::vector<float> settling_;   ///< noise, other tokens for each class
  std::vector<float> routed_;     ///< noise, the same for each class where the mean is made even
};

}  // namespace moesim
