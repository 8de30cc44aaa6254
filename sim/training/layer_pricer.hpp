#pragma once

#include <optional>

#include "sim/training/cost_table.hpp"
#include "sim/training/layer_work.hpp"
#include "sim/training/split_collectives.hpp"
#include "sim/training/stage_blocks.hpp"

namespace moesim {

/// Puts the work of layers into a cost table, each kind once.
class LayerPricer {
 public:
  /// `alone_slowdown` multiplies computation that transfers wait for in passes that run alone.
  LayerPricer(const TrainingInputs& inputs, const RoutedLoad& load, CostTable& table,
              double alone_slowdown = 1);

  /// `recomputed`: as a whole.
  [[nodiscard]] StageItem layer(LayerKind kind, int index, bool recomputed = false);
  [[nodiscard]] StageItem embedding();
  [[nodiscard]] StageItem head();
  [[nodiscard]] StageItem mtp_projection();

 private:
  [[nodiscard]] StageItem price(const LayerWork& work, ItemKind kind);
  [[nodiscard]] ItemCosts price(const LayerWork& work, ItemKind kind, bool paired);
  [[nodiscard]] std::uint32_t price(const PhaseWork& work, Phase phase, bool paired);
  /// That the host issues for a phase, within the stack's CUDA graphs.
  [[nodiscard]] int num_launches(const PhaseWork& work) const;
  [[nodiscard]] std::optional<TransferCosts> transfers(const LayerWork& work, bool paired);

  const TrainingInputs& inputs_;
  RoutedLoad load_;
  CostTable& table_;
  double alone_slowdown_;
  std::optional<StageItem> dense_, moe_, recomputed_dense_, recomputed_moe_, embedding_, head_,
      mtp_projection_;
};

}  // namespace moesim
