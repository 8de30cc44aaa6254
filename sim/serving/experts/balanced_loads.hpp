#pragma once

#include <memory>

#include "sim/serving/experts/expert_groups.hpp"
#include "sim/serving/experts/expert_state.hpp"

namespace moesim {

/// Forced balance: the rows of an iteration are spread evenly over groups, nodes and slots. Where there are
/// fewer rows than groups, a group has one row at most, so that of the fullest is above the mean.
std::shared_ptr<const ExpertLoads> make_balanced_loads(const ExpertGroups& groups);

}  // namespace moesim
