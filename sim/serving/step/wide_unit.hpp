#pragma once

#include "sim/serving/step/unit_costs.hpp"

namespace moesim {

/// Sizes of a unit whose experts are spread over all of its GPUs.
struct WideUnit {
  int gpus = 0;  ///< of the expert group
  int ranks = 0;
  int tp = 1;
  int nodes = 1;
  int moe_layers = 0;
  int dense_layers = 0;
  double top_k = 0;
  double hidden = 0;
  double slots = 0;            ///< of one GPU
  double nodes_per_token = 0;  ///< distinct nodes that a token reaches, its own included
  double gpus_per_token = 0;   ///< distinct GPUs
  double remote_nodes = 0;     ///< of those nodes, other than its own
};

/// Throws PlanError where experts do not lie whole on every GPU of the unit, or the model has none.
WideUnit wide_unit(const UnitCostInput& input);

}  // namespace moesim
