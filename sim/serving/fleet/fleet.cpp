#include "sim/serving/fleet/fleet.hpp"

#include "sim/serving/fleet/fleet_check.hpp"
#include "sim/serving/fleet/fleet_run.hpp"
#include "sim/serving/fleet/fleet_windows.hpp"

namespace moesim {
namespace {

RunSpan whole_run(const FleetScenario& scenario) {
  RunSpan span;
  if (scenario.workload.duration) span.until_s = scenario.workload.duration->value();
  span.measure_from_s = scenario.policy.warm_up.value();
  span.warm_start = scenario.policy.warm_start;
  return span;
}

}  // namespace

FleetResult run_fleet(const FleetScenario& scenario, const FleetOptions& options, RequestSink& requests,
                      RecordSink& sink) {
  check_fleet(scenario);
  if (scenario.policy.windows) return run_windows(scenario, options, requests, sink);
  FleetRun run(scenario, whole_run(scenario), requests, sink);
  return run.play(options.progress);
}

}  // namespace moesim
