#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/schedule/pass_blocks.hpp"

namespace moesim {

/// The four transfers of an MoE layer, as indices into PassBlocks::costs.
struct TransferCosts {
  std::uint32_t dispatch_forward = 0;
  std::uint32_t combine_forward = 0;
  std::uint32_t dispatch_backward = 0;  ///< gradient of dispatch: a combine
  std::uint32_t combine_backward = 0;   ///< gradient of combine: a dispatch
  /// Of the expert-tensor-parallel group: rows gathered behind a dispatch, its outputs reduced in front of a
  /// combine, and the same of the gradients.
  std::optional<std::uint32_t> gather_forward = std::nullopt;
  std::optional<std::uint32_t> reduce_forward = std::nullopt;
  std::optional<std::uint32_t> gather_backward = std::nullopt;
  std::optional<std::uint32_t> reduce_backward = std::nullopt;
};

/// Collectives of a layer's own groups in front of a phase and behind it: they start behind all computation
/// issued before, and the phase, and what is behind it, waits for them.
struct AroundCosts {
  std::vector<std::uint32_t> before;
  std::vector<std::uint32_t> after;
};

/// Operations of a layer, as indices into PassBlocks::costs.
struct ItemCosts {
  std::uint32_t attention_forward = 0;
  std::uint32_t attention_backward = 0;
  std::uint32_t attention_weight = 0;
  std::uint32_t mlp_forward = 0;  ///< the mlp_* are unused in an item without MLP
  std::uint32_t mlp_backward = 0;
  std::uint32_t mlp_weight = 0;
  std::optional<TransferCosts> transfers;  ///< of an MoE layer whose experts are spread over GPUs
  AroundCosts around_attention_forward{};
  AroundCosts around_attention_backward{};
  AroundCosts around_mlp_forward{};
  AroundCosts around_mlp_backward{};
  // At the start of a backward; with recomputes_transfers also dispatch and combine, around the latter.
  std::optional<std::uint32_t> attention_recompute{};
  std::optional<std::uint32_t> mlp_recompute{};
  bool recomputes_transfers = false;
};

/// One layer of a stage, or an embedding, an MTP projection or a head, whose whole work is in attention_*.
struct StageItem {
  std::int16_t layer = -1;
  bool has_mlp = true;
  ItemCosts alone;         ///< in a pass that runs alone
  ItemCosts paired;        ///< beside the other half of an overlapped pair
  std::int16_t item = -1;  ///< its place in the stage
};

/// Blocks of a forward, of a full backward, of a backward that defers the weights, and of the deferred
/// weights. `items` in forward order; empty items give an empty block. `serial`: transfers take turns with
/// computation, and weight gradients come right behind input gradients.
Block forward_block(std::span<const StageItem> items, bool serial = false);
Block backward_block(std::span<const StageItem> items, bool with_weights, bool serial = false);
Block weight_block(std::span<const StageItem> items);

/// An overlapped pair: the k-th item of the forward beside the k-th last of the backward, computation
/// in the order attention W of the previous item, attention F, MLP B, MLP W, MLP F, attention B; beside it
/// combine B, dispatch F, dispatch B, combine F (the published profile's order). Items beside each other
/// without any transfer, and what one half has more, run as if alone.
Block forward_backward_block(std::span<const StageItem> forward, std::span<const StageItem> backward);

}  // namespace moesim
