#pragma once

#include "base/spec.hpp"

namespace moesim {

/// How one unit, a replica of the model, lies on its GPUs. Attention runs on gpus / tp ranks, each a
/// tensor-parallel group of tp GPUs with requests of its own (data-parallel attention); routed experts are
/// spread over ep groups of gpus / ep GPUs that split each expert by columns. Dense layers and shared experts
/// go with attention.
struct UnitLayout {
  int gpus = 8;
  int tp = 1;
  int ep = 1;                 ///< 1: every GPU holds a column slice of every expert
  int redundant_experts = 0;  ///< slots beyond one for each expert, over the unit

  [[nodiscard]] int attention_ranks() const { return gpus / tp; }
  [[nodiscard]] int expert_tp() const { return gpus / ep; }
};
const Spec<UnitLayout>& spec_of(const UnitLayout*);

}  // namespace moesim
