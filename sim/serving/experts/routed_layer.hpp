#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/routing/choice_chances.hpp"
#include "sim/routing/document_classes.hpp"
#include "sim/routing/gate.hpp"
#include "workloads/affinity/affinity_source.hpp"

namespace moesim {

/// Tokens of one MoE layer with the experts that the router chooses for them, to draw batches from.
struct RoutedPool {
  std::size_t top_k = 1;
  std::size_t num_classes = 1;     ///< of documents
  std::size_t runs_per_class = 1;  ///< neighbouring tokens that resemble each other
  std::size_t tokens_per_run = 1;
  std::vector<double> chances;         ///< that a token chooses an expert, [num_experts], sum top_k
  std::vector<std::uint16_t> experts;  ///< [num_classes, runs_per_class, tokens_per_run, top_k]

  [[nodiscard]] std::size_t size() const { return num_classes * runs_per_class * tokens_per_run; }
  [[nodiscard]] std::span<const std::uint16_t> of_token(std::size_t token) const {
    return std::span(experts).subspan(token * top_k, top_k);
  }
};

/// The router of a layer: a gate and the logits' offsets.
struct RoutedLayer {
  std::vector<double> shares;   ///< of choices, as stated by the popularity's law, or empty; [num_experts]
  std::vector<double> sampled;  ///< chances under the offsets, as the sampled tokens have them
  std::vector<double> offsets;  ///< [num_experts]
  std::vector<float> class_logits;  ///< without offsets, [num_classes, num_experts]
  double centre = 0;                ///< that offsets drift about
  double spread = 0;                ///< of offsets about it
};

/// Makes pools of routed tokens, layer by layer, from the affinity of tokens to experts and the gate. The
/// pool's 1,024 tokens choose by the gate. Chances are those that the popularity states; what offsets that
/// drift change about them, and chances that are not stated, are ChoiceChances of 128 sampled tokens.
class RoutedLayers {
 public:
  /// `mode` decode: every token is of a document of its own, one class after the other; training: tokens of
  /// a block share its noise. Throws as ChoiceChances.
  RoutedLayers(const GateSpec& gate, const AffinitySpec& affinity, std::uint64_t seed, BatchMode mode);

  /// The layer with the popularity of LayerAffinities at step 0; laws of shares are solved for in a
  /// few steps, so that pools have every share within some per cent.
  [[nodiscard]] RoutedLayer layer(int index);
  /// `offsets` of the layer after `steps` steps of drift, as LayerAffinities moves them, drawn by `draw`.
  /// Throws SpecError at /drift where a step is larger than the spread of the offsets.
  [[nodiscard]] std::vector<double> drifted(const RoutedLayer& layer, int index, double steps,
                                            std::uint64_t draw) const;
  /// Chances of the experts under these offsets, [num_experts].
  [[nodiscard]] std::vector<double> chances(const RoutedLayer& layer, std::span<const double> offsets);
  /// Tokens that choose under these offsets.
  [[nodiscard]] RoutedPool pool(const RoutedLayer& layer, std::span<const double> offsets);

 private:
  void solve(RoutedLayer& layer);
  [[nodiscard]] std::vector<double> mean_chances(const RoutedLayer& layer, std::span<const double> offsets,
                                                 std::size_t num_tokens);
  void fill_noise(std::uint64_t seed);

  Gate gate_;
  AffinitySpec affinity_;
  std::uint64_t seed_;
  DocumentClasses classes_;
  ChoiceChances chances_;
  RoutedPool shape_;            ///< of pools, empty
  std::vector<float> sampled_;  ///< noise that chances are means over, [128, num_experts]
  std::vector<float> pool_;     ///< of the pool's tokens
  std::vector<float> row_;
  std::vector<float> logits_;
  std::vector<float> no_bias_;
};

}  // namespace moesim
