#include "sim/serving/fleet/fleet.hpp"

#include <memory>
#include <utility>

#include "sim/serving/fleet/fleet_check.hpp"
#include "sim/serving/fleet/fleet_run.hpp"
#include "sim/serving/fleet/fleet_windows.hpp"
#include "sim/serving/fleet/prefetched_source.hpp"

namespace moesim {
namespace {

RunSpan whole_run(const FleetScenario& scenario) {
  RunSpan span;
  if (scenario.workload.duration) span.until_s = scenario.workload.duration->value();
  span.measure_from_s = scenario.policy.warm_up.value();
  // A loop that went on until its last request had left would count what an emptying fleet does.
  span.cut = (scenario.workload.saturated || scenario.workload.concurrency) && scenario.workload.duration;
  span.warm_start = scenario.policy.warm_start;
  return span;
}

/// A second thread reads generated requests ahead. Traces say what they found while they are read, and closed
/// loops ask for one request at a time.
FleetScenario with_prefetch(const FleetScenario& scenario) {
  FleetScenario prefetched = scenario;
  prefetched.open = [open = scenario.open](double from_s) {
    OpenedWorkload opened = open(from_s);
    opened.source = std::make_unique<PrefetchedSource>(std::move(opened.source));
    return opened;
  };
  return prefetched;
}

bool may_prefetch(const WorkloadSpec& workload) {
  return !workload.trace && !workload.concurrency && !workload.saturated;
}

}  // namespace

FleetResult run_fleet(const FleetScenario& scenario, const FleetOptions& options, RequestSink& requests,
                      RecordSink& sink) {
  check_fleet(scenario);
  if (scenario.policy.windows) return run_windows(scenario, options, requests, sink);
  if (options.threads > 1 && may_prefetch(scenario.workload)) {
    const FleetScenario prefetched = with_prefetch(scenario);
    return FleetRun(prefetched, whole_run(prefetched), requests, sink).play(options);
  }
  FleetRun run(scenario, whole_run(scenario), requests, sink);
  return run.play(options);
}

}  // namespace moesim
