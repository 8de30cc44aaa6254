#pragma once

#include <optional>
#include <vector>

#include "sim/training/cost_table.hpp"
#include "sim/training/layer_work.hpp"
#include "sim/training/split_collectives.hpp"
#include "sim/training/stage_blocks.hpp"

namespace moesim {

/// Puts the work of layers into a cost table, each kind once, MoE layers once for each distinct load.
class LayerPricer {
 public:
  /// `alone_slowdown` multiplies computation that transfers wait for in passes that run alone.
  LayerPricer(const TrainingInputs& inputs, const LayerLoads& loads, CostTable& table,
              double alone_slowdown = 1);

  /// `index`: of the model, multi-token-prediction modules behind its layers. `recomputed`: as a whole.
  [[nodiscard]] StageItem layer(LayerKind kind, int index, bool recomputed = false);
  [[nodiscard]] StageItem embedding();
  [[nodiscard]] StageItem head();
  [[nodiscard]] StageItem mtp_projection();

 private:
  [[nodiscard]] StageItem price(const LayerWork& work, const RoutedLoad& load, ItemKind kind);
  [[nodiscard]] ItemCosts price(const LayerWork& work, const RoutedLoad& load, ItemKind kind, bool paired);
  [[nodiscard]] std::uint32_t price(const PhaseWork& work, const RoutedLoad& load, Phase phase, bool paired);
  /// That the host issues for a phase, within the stack's CUDA graphs.
  [[nodiscard]] int num_launches(const PhaseWork& work) const;
  [[nodiscard]] std::optional<TransferCosts> transfers(const LayerWork& work, const RoutedLoad& load,
                                                       bool paired);

  const TrainingInputs& inputs_;
  LayerLoads loads_;
  CostTable& table_;
  double alone_slowdown_;
  std::optional<StageItem> dense_, recomputed_dense_, embedding_, head_, mtp_projection_;
  std::vector<std::optional<StageItem>> moe_, recomputed_moe_;  ///< [num_distinct_loads]
};

}  // namespace moesim
