#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sim/routing/balance_losses.hpp"
#include "sim/routing/bias_balance.hpp"
#include "sim/routing/capacity.hpp"
#include "sim/routing/gate.hpp"
#include "sim/routing/loss_effect.hpp"
#include "workloads/affinity/affinity_source.hpp"

namespace moesim {

/// How one MoE layer routes the batch of a step, and what it does about its load.
struct LayerRoutingSpec {
  BiasSchedule bias;
  LossSpec losses;
  LossDynamics loss_dynamics;
  LossShape loss_shape;  ///< its experts and choices are the gate's
  std::optional<CapacitySpec> capacity;
  double reinforcement = 0;                 ///< see reinforce(); logits a step
  std::int64_t tokens = 1;                  ///< of a step
  std::int64_t tokens_per_sequence = 4096;  ///< of losses and protection; the last sequence may be shorter
  std::uint64_t seed = 1;
  int layer = 0;
};

/// What a step did in one layer. Counts are choices: a token counts once for each expert it uses.
struct LayerStep {
  std::vector<std::uint32_t> chosen;  ///< [num_experts] by the gate
  std::vector<std::uint32_t> kept;    ///< [num_experts] after the capacity; `chosen` without one
  std::int64_t num_chosen = 0;
  std::int64_t num_dropped = 0;
  LossTerms losses;
};

/// Memory that a thread routes in; it may serve any layer.
struct RoutingScratch {
  std::vector<float> logits;
  std::vector<float> uniforms;
  RoutedTokens routed;
  RoutedTokens unbiased;
};

/// One MoE layer through time. A step is begin_step, route_chunk of every chunk (in any order, also at once,
/// each with a scratch of its own), end_step. Chunks are whole sequences where those matter, and sums are in
/// the order of chunks, so every result has the same bits on any number of threads.
class LayerRouting {
 public:
  /// `affinities` have begun no step, or step 0 with solved offsets. Throws std::invalid_argument where parts
  /// do not agree.
  LayerRouting(const LayerRoutingSpec& spec, std::shared_ptr<const Gate> gate, LayerAffinities affinities);

  /// Steps come in order from 0. `keep_choices`: choices() is wanted after the step.
  void begin_step(std::int64_t step, bool keep_choices = false);
  [[nodiscard]] std::size_t num_chunks() const { return parts_.size(); }
  void route_chunk(std::size_t chunk, RoutingScratch& scratch);
  /// Drops what exceeds the capacity, takes the losses, then moves bias and offsets for the next step.
  const LayerStep& end_step();

  /// The whole step on this thread.
  const LayerStep& run_step(std::int64_t step, RoutingScratch& scratch);

  /// Tokens that choose each expert in `steps` more batches while nothing moves, neither popularity nor what
  /// balances it, [num_experts]. The layer stays as it is.
  [[nodiscard]] std::vector<double> validate(std::int64_t steps, RoutingScratch& scratch) const;

  /// [tokens, top_k] of the step ended, best first; kNoExpert where dropped or unused. Empty unless kept.
  [[nodiscard]] std::span<const std::uint16_t> choices() const { return choices_; }
  [[nodiscard]] std::span<const float> bias() const { return bias_; }
  [[nodiscard]] std::span<const double> offsets() const { return affinities_.offsets(); }

 private:
  /// What a chunk of tokens yields.
  struct Part {
    std::int64_t first = 0, tokens = 0;
    std::vector<std::uint32_t> chosen;  // [num_experts]
    std::vector<BalanceSums> batch;     // one for each sequence where losses are taken, by the gate's choice
    std::vector<BalanceSums> unbiased;  // the same by choices without bias, for the sequence-wise loss
  };

  [[nodiscard]] bool needs_choices() const { return keep_choices_ || spec_.capacity.has_value(); }
  void make_parts();
  void route_block(std::int64_t first, std::int64_t tokens, Part& part, RoutingScratch& scratch);
  void add_losses(std::span<const float> logits, const RoutedTokens& routed, std::vector<double>& scores,
                  std::int64_t first, Part& part, RoutingScratch& scratch);
  void draw_uniforms(std::int64_t step, std::int64_t first, std::int64_t tokens,
                     std::vector<float>& uniforms) const;
  void merge_counts();
  void drop();
  void take_losses();
  [[nodiscard]] std::vector<double> slopes() const;

  LayerRoutingSpec spec_;
  std::shared_ptr<const Gate> gate_;
  LayerAffinities affinities_;
  std::vector<float> bias_;      // [num_experts], empty where the gate has none
  std::vector<double> natural_;  // [num_experts] offsets without what losses and reinforcement did
  bool bias_moved_ = false;
  bool keep_choices_ = false;
  std::int64_t step_ = -1;
  std::vector<Part> parts_;
  std::vector<std::uint16_t> choices_;
  std::vector<float> weights_;
  CapacityResult capacity_;
  LayerStep result_;
};

}  // namespace moesim
