#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "calib/profile/constant.hpp"
#include "sim/planner/search/limit.hpp"
#include "sim/planner/search/objective.hpp"
#include "sim/planner/space/axis.hpp"
#include "sim/runner/worker_protocol.hpp"

namespace moesim {

/// What is looked for among the layouts of a training scenario.
struct TrainingSearch {
  std::vector<Axis> axes;  ///< as TrainingSpace reads them
  Objective objective = Objective::throughput;
  std::vector<Limit> limits;
  std::size_t num_best = 20;
  bool exhaustive = false;       ///< replays every layout that fits: the slow twin of pruning
  bool explains = true;          ///< why the winner wins, and which assumptions decide it
  std::size_t num_verified = 0;  ///< of the best, run again with the engine simgrid by `run`
  RunRequests run;
  std::optional<std::uint64_t> seed;
  int threads = 1;  ///< the result does not depend on it
  SourceSet excluded_sources;
  std::function<void(double fraction, std::string_view what)> progress;  ///< may be empty
};

/// Points of a space at most.
inline constexpr std::uint64_t kMostTrainingPoints = 1'000'000;

/// "memory", "bubble", "batch", ... of `--constraint`: names of figures of training.
std::span<const LimitName> training_limit_names();

/// The scenario on `gpus` GPUs: as many nodes of its cluster. Throws SpecError where they are no whole nodes.
Json with_gpus(const Json& scenario, const std::string& file, int gpus);

/// The result document of the kind "search" (docs/planner.md, "Search"). Layouts are replayed by
/// representative GPUs with the engine replay unless memory or a lower bound of their step shows that they
/// are not among the best. Throws SpecError for a faulty scenario or space, too many points, contradicting
/// limits, and where no layout holds them; CalibrationError and RunError as runs do.
Json search_training(const Json& scenario, const std::string& file, const TrainingSearch& search);

}  // namespace moesim
