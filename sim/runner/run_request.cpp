#include <nlohmann/json.hpp>

#include "sim/runner/scenario_kinds.hpp"
#include "sim/runner/worker_protocol.hpp"

namespace moesim {

Json run_request(const WorkerRequest& request, const Progress& progress) {
  RunOptions options;
  options.seed = request.seed;
  options.excluded_sources = SourceSet(request.exclude_sources.begin(), request.exclude_sources.end());
  options.waterfall = request.waterfall;
  options.progress = progress;
  NullSink records;
  return run_scenario(parse_json(request.scenario.text, request.file), request.file, options, records);
}

}  // namespace moesim
