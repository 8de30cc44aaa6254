#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/spec.hpp"
#include "sim/schedule/schedule_table.hpp"

namespace moesim {

template <>
struct EnumNames<ScheduleKind> {
  static constexpr auto table = kScheduleNames;
};

/// What the backward pass computes again instead of keeping.
enum class Recompute : std::uint8_t {
  rms_norm,           ///< outputs of every RMSNorm
  mla_up_projection,  ///< queries, keys and values from their latents
  swiglu,             ///< outputs of SwiGLU from its inputs; always so in FP8
  core_attention,     ///< the attention core from queries, keys and values (Megatron's selective choice)
  mlp,                ///< dense feed-forward parts and shared experts
  moe,                ///< routed experts, their dispatch and combine included
  full,               ///< whole layers from their inputs, transfers included
};

template <>
struct EnumNames<Recompute> {
  static constexpr std::array<std::pair<Recompute, std::string_view>, 7> table{
      {{Recompute::rms_norm, "rms_norm"},
       {Recompute::mla_up_projection, "mla_up_projection"},
       {Recompute::swiglu, "swiglu"},
       {Recompute::core_attention, "core_attention"},
       {Recompute::mlp, "mlp"},
       {Recompute::moe, "moe"},
       {Recompute::full, "full"}}};
};

/// How the GPUs of a context-parallel group get each other's keys and values.
enum class ContextExchange : std::uint8_t {
  ring,        ///< block by block, beside the attention on the block before
  all_gather,  ///< all before attention
};

template <>
struct EnumNames<ContextExchange> {
  static constexpr std::array<std::pair<ContextExchange, std::string_view>, 2> table{
      {{ContextExchange::ring, "ring"}, {ContextExchange::all_gather, "all_gather"}}};
};

/// How the ranks of a training job are arranged. Attention and everything else outside routed experts is
/// spread over tp x cp x dp x pp; routed experts are spread over etp x ep x edp x pp, independently of the
/// former. dp and edp follow from the cluster: GPUs / (tp cp pp) and GPUs / (etp ep pp).
struct Layout {
  int tp = 1;
  int pp = 1;
  int vpp = 1;  ///< stages of a pipeline rank, for schedules that interleave
  int cp = 1;
  int ep = 1;
  int etp = 1;
  int zero = 1;              ///< 0: nothing sharded, 1: optimizer states, 2: and gradients, 3: and weights
  std::optional<int> shard;  ///< replicas that shard together, others hold the same (HSDP); absent: all
  ScheduleKind schedule = ScheduleKind::one_f_one_b;
  int micro_batch = 1;            ///< sequences
  bool sequence_parallel = true;  ///< what tp does not split is split over it by tokens
  ContextExchange cp_exchange = ContextExchange::ring;
  std::vector<Recompute> recompute;
  std::optional<int> recompute_layers;  ///< with `full`: the first layers of each stage; absent: all
  std::vector<int> stage_layers;  ///< transformer layers of each stage, in forward order; empty: balanced

  /// Parts that the tokens of a tensor-parallel group are in between the parts that tp splits.
  [[nodiscard]] int token_parts() const { return sequence_parallel ? tp : 1; }
  [[nodiscard]] bool recomputes(Recompute what) const;
  /// Whether the k-th transformer layer of a stage, from 0, is recomputed as a whole.
  [[nodiscard]] bool recomputes_layer(int k) const;
  /// The pipeline of `num_microbatches`; without them, as far as stages go.
  [[nodiscard]] ScheduleShape pipeline(int num_microbatches = 1) const;
};

const Spec<Layout>& spec_of(const Layout*);

}  // namespace moesim
