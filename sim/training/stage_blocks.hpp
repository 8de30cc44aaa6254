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
};

/// One layer of a stage, or a head: indices into PassBlocks::costs.
/// A head has only `attention_*` set (its whole work) and no `mlp`; a dense layer has no transfers.
struct StageItem {
  std::int16_t layer = -1;
  std::uint32_t attention_forward = 0;
  std::uint32_t attention_backward = 0;
  std::uint32_t attention_weight = 0;
  bool has_mlp = true;
  std::uint32_t mlp_forward = 0;
  std::uint32_t mlp_backward = 0;
  std::uint32_t mlp_weight = 0;
  std::optional<TransferCosts> alone;       ///< transfers of a pass that runs alone
  std::optional<TransferCosts> overlapped;  ///< transfers beside the other half of a pair
};

/// Blocks of a forward, of a full backward, of a backward that defers the weights, and of the deferred
/// weights. `items` in forward order; empty items give an empty block.
Block forward_block(std::span<const StageItem> items);
Block backward_block(std::span<const StageItem> items, bool with_weights);
Block weight_block(std::span<const StageItem> items);

/// DualPipe's overlapped pair: the k-th item of the forward beside the k-th last of the backward, computation
/// in the order attention W of the previous item, attention F, MLP B, MLP W, MLP F, attention B; beside it
/// combine B, dispatch F, dispatch B, combine F (the published profile's order). What one half has more runs
/// after.
Block forward_backward_block(std::span<const StageItem> forward, std::span<const StageItem> backward);

}  // namespace moesim
