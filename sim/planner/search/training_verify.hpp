#pragma once

#include "base/json.hpp"
#include "sim/planner/search/training_search.hpp"
#include "sim/planner/search/training_space.hpp"

namespace moesim {

/// Runs the first `num_verified` of summary["best"] with the engine simgrid and adds what it gives to each:
/// "simgrid": {value, difference_fraction} or {fault}, and to the summary "simgrid": {verified,
/// max_difference_fraction, same_order}. Nothing where none is asked for.
void verify_best(const TrainingSpace& space, const TrainingSearch& search, Json& summary);

}  // namespace moesim
