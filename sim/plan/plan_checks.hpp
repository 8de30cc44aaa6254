#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/plan/plan.hpp"

namespace moesim {

/// Violations of sizes, divisions, stages and micro-batches: all but memory.
std::vector<PlanError::Violation> find_layout_violations(const PlanInput& input);

/// Micro-batches of one pipeline; the layout must have no violation of divisions.
int microbatches_of(const PlanInput& input);

/// The nearest change of layout or recipe with which the plan fits, in words: the first single change that
/// fits, cheapest first, else the first that fit together. Empty when none do.
std::string nearest_fit(const PlanInput& input);

/// The stages that the layout gives, or balanced ones.
std::vector<StageContent> stages_of(const PlanInput& input);

/// Memory of a layout without other violations.
MemoryPlan memory_of(const PlanInput& input);

/// Of find_layout_violations the part about sharding and recomputation; `pp` as those checks assume it, 0
/// where no size would do.
std::vector<PlanError::Violation> find_choice_violations(const PlanInput& input, std::int64_t pp);

}  // namespace moesim
