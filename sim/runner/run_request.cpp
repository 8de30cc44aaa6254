#include <nlohmann/json.hpp>

#include "sim/runner/known_sources.hpp"
#include "sim/runner/scenario_kinds.hpp"
#include "sim/runner/worker_protocol.hpp"

namespace moesim {

Json run_request(const WorkerRequest& request, const Progress& progress) {
  const Json scenario = parse_json(request.scenario.text, request.file);
  RunOptions options;
  options.seed = request.seed;
  if (!request.exclude_sources.empty()) {
    options.excluded_sources = checked_sources(request.exclude_sources, known_sources(scenario, request.file),
                                               "request", "/exclude_sources");
  }
  options.waterfall = request.waterfall;
  options.progress = progress;
  NullSink records;
  return run_scenario(scenario, request.file, options, records);
}

}  // namespace moesim
