#pragma once

#include <string_view>
#include <vector>

#include "models/operators.hpp"
#include "sim/serving/step/part_time.hpp"
#include "sim/serving/step/unit_costs.hpp"

namespace moesim {

/// Bytes of an NVFP4 element with its share of the scales.
inline constexpr double kNvfp4Element = 0.5 + 1.0 / 16;
/// Bytes of an element in FP8 with a scale of 4 B for 128 of them.
inline constexpr double kScaledFp8Element = 1 + 4.0 / 128;

/// What one attention rank, a group of tp GPUs, works on in an iteration. Sums over its sequences and chunks.
struct RankLoad {
  double sequences = 0;  ///< that decode
  double kv_tokens = 0;  ///< cached tokens of those
  int query_tokens = 1;  ///< new tokens of each of those
  double prompts = 0;    ///< chunks
  double prompt_tokens = 0;
  double past_tokens = 0;   ///< cached before the chunks
  double prompt_pairs = 0;  ///< sum over chunks of s p + s^2 / 2

  [[nodiscard]] double tokens() const { return sequences * query_tokens + prompt_tokens; }
};

/// Routed experts of the GPU that has most rows.
struct ExpertWork {
  double rows = 0;
  double touched = 1;        ///< experts with rows
  double max_over_mean = 1;  ///< rows of the fullest over the mean of touched ones
  double tokens = 0;         ///< packed before and unpacked behind; 0: rows come packed
};

/// Times of the kernels of one layer on one GPU, each looked up at its shape, with kernel_slowdown where they
/// compute. Gaps between kernels and waiting for the host are not in them. An entry's time is never below its
/// weights over cold_weight_bandwidth (0.85) of the HBM bandwidth: tables were taken with weights in L2.
/// Rates are those of the tables; of prompts, what is bound by computation runs at sustained_rate of them.
/// NVFP4 has no tables: times of a wider format follow the roofline (Grade::rule). Thread-safe.
class LayerTimes {
 public:
  /// Throws PlanError where the stack does not serve or the layout does not divide the model.
  explicit LayerTimes(const UnitCostInput& input);

  /// Attention without its core for `tokens` tokens: norms, projections, rotation, writing the cache.
  [[nodiscard]] PartTime attention_linear(double tokens, bool prompt) const;
  /// The part of it behind the core, without the norm of the feed-forward part.
  [[nodiscard]] PartTime attention_output(double tokens, bool prompt) const;
  /// Core of decoding sequences, absorbed for latent attention with its two batched products.
  [[nodiscard]] PartTime decode_core(double sequences, double mean_kv, int query_tokens) const;
  /// Core of prompt chunks of equal lengths behind equal numbers of cached tokens. Latent attention takes the
  /// quicker of expanding the latents, cached ones too, and the absorbed form.
  [[nodiscard]] PartTime prompt_core(double prompts, double length, double past) const;
  /// Whether prompt_core() is absorbed.
  [[nodiscard]] bool absorbs(double prompts, double length, double past) const;
  /// All of a rank's attention. Chunks of unequal lengths: the mean one, the time in proportion to pairs.
  [[nodiscard]] PartTime attention(const RankLoad& load) const;

  /// Norm, gate and routing.
  [[nodiscard]] PartTime gate(double tokens, bool prompt) const;
  /// A dense layer's feed-forward part; shared experts. Nothing where the model has none.
  [[nodiscard]] PartTime dense(double tokens, bool prompt) const;
  [[nodiscard]] PartTime shared(double tokens, bool prompt) const;
  /// Routed experts with the kernel that the stack has for prompts or decoding. Where the stack has the
  /// constant expert_bandwidth, in decoding the table or, if that is quicker, five small kernels beside
  /// reading the weights at that share of the HBM bandwidth: tables of fused kernels lack tuning for small
  /// batches.
  [[nodiscard]] PartTime experts(const ExpertWork& work, bool prompt) const;

  /// Final norm and the output projection of `rows` rows; the embedding of `tokens`.
  [[nodiscard]] PartTime head(double rows) const;
  [[nodiscard]] PartTime embedding(double tokens) const;
  /// What a draft layer has before its attention.
  [[nodiscard]] PartTime draft_projection(double tokens) const;

  /// The all-reduce of `tokens` rows over a tp group; 0 for one GPU. With all_reduce_skew.
  [[nodiscard]] PartTime all_reduce(double tokens, int gpus) const;
  /// All-gather and reduce-scatter of `tokens` rows over all attention ranks. With all_reduce_skew for each.
  [[nodiscard]] PartTime gather_scatter(double tokens) const;

  [[nodiscard]] const UnitCostInput& input() const { return input_; }
  [[nodiscard]] const ServingPhasePolicy& phase(bool prompt) const {
    return prompt ? input_.stack->serving->prefill : input_.stack->serving->decode;
  }
  /// Of attention's projections: with NVFP4 they stay in BF16, as in the published checkpoints.
  [[nodiscard]] NumberFormat attention_format() const {
    return input_.pool->precision == NumberFormat::nvfp4 ? NumberFormat::bf16 : input_.pool->precision;
  }
  /// A constant of the stack.
  [[nodiscard]] double constant(std::string_view name, double otherwise) const;

 private:
  [[nodiscard]] OperatorContext context(double tokens, NumberFormat format) const;
  [[nodiscard]] PartTime operator_part(const Operator& op, double rate) const;
  [[nodiscard]] PartTime sum_of_parts(const std::vector<Operator>& operators, double rate) const;
  [[nodiscard]] PartTime gemm(NumberFormat format, double m, double n, double k, double rate) const;
  [[nodiscard]] bool bound_by_compute(double flops, double bytes, NumberFormat format) const;
  [[nodiscard]] PartTime small(double bytes) const;
  [[nodiscard]] PartTime absorbing(double tokens) const;
  [[nodiscard]] PartTime expanded_core(double prompts, double length, double past) const;
  [[nodiscard]] PartTime absorbed_core(double prompts, double length, double past) const;
  [[nodiscard]] double streamed_experts(const ExpertShape& shape) const;
  [[nodiscard]] double expert_weights(const ExpertShape& shape) const;
  [[nodiscard]] double expert_start() const;
  [[nodiscard]] TimeEstimate expert_kernel(const ExpertShape& shape, bool prompt) const;
  /// What was timed in a wider format, in the format `wanted`: all but `start` in proportion to the roofline,
  /// whose bytes are `less`. Grade rule, provenance derived at best.
  [[nodiscard]] TimeEstimate narrowed(TimeEstimate time, double start, double bytes, double less,
                                      double flops, NumberFormat timed, NumberFormat wanted) const;
  /// The GEMM `shape` in the format `wanted` with `element` bytes an element.
  [[nodiscard]] TimeEstimate narrowed_gemm(const GemmShape& shape, NumberFormat wanted, double element) const;
  [[nodiscard]] TimeEstimate gemm_time(NumberFormat format, double m, double n, double k) const;
  [[nodiscard]] PartTime collective(const TimeEstimate& estimate, double bytes) const;
  [[nodiscard]] bool fuses(std::string_view name) const;
  [[nodiscard]] double rate_of(bool prompt) const { return prompt ? sustained_ : 1.0; }
  [[nodiscard]] PartTime computed(const TimeEstimate& estimate, NumberFormat format, double flops,
                                  double bytes, double rate) const;

  UnitCostInput input_;
  double sustained_ = 1, cold_bandwidth_ = 0.85, expert_bandwidth_ = 0, skew_ = 0;
  int heads_ = 0, kv_heads_ = 0;
};

}  // namespace moesim
