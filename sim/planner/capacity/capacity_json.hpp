#pragma once

#include "base/json.hpp"
#include "sim/planner/capacity/sized_fleet.hpp"

namespace moesim {

/// [{figure, percentile, limit_s}]
Json slo_json(const std::vector<SloTarget>& slo);

/// GPUs, nodes and dollars a day of some units: {gpus, nodes, cost_usd_per_day, cost_parts_usd_per_day where
/// a cluster has a price, pools: {name: {units, gpus, nodes}}}
Json fleet_json(const ServingInputs& inputs, const Units& units);

/// A sized fleet: {stated, p50, p90: fleets, targets at p90, margin, breaks_first, cost per million tokens}.
Json sized_json(const ServingInputs& inputs, const std::vector<SloTarget>& slo, const SizedFleet& sized);

/// Every fleet that was played: [{pools, load, holds, values_s}].
Json trials_json(const ServingInputs& inputs, const std::vector<StatedTrial>& trials);
/// [{pools, wanted, holding, holds}]
Json draw_trials_json(const ServingInputs& inputs, const std::vector<DrawTrial>& trials);

}  // namespace moesim
