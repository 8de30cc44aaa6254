#pragma once

#include <vector>

#include "sim/plan/stage_assignment.hpp"

namespace moesim {

/// Stages for several chunks in a loop, each a layer at least but the last one, which may have the head
/// alone. The stages of a chunk have as many layers each, but for the last stage and what does not divide; of
/// all such assignments the one with the least step_pace(). `model` has at least a layer for each stage but
/// one.
std::vector<StageContent> balance_loop(const ModelSpec& model, const ScheduleShape& pipeline,
                                       const LayerTimes& times);

}  // namespace moesim
