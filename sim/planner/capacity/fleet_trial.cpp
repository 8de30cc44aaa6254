#include "sim/planner/capacity/fleet_trial.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "sim/serving/fleet/fleet.hpp"

namespace moesim {
namespace {

/// Requests that were read before.
class KnownRequests final : public RequestSource {
 public:
  KnownRequests(std::shared_ptr<const std::vector<Request>> requests, double load, double from_s)
      : requests_(std::move(requests)), load_(load), from_s_(from_s) {}

  bool next(Request& request) override {
    for (; at_ < requests_->size(); ++at_) {
      const Request& known = (*requests_)[at_];
      if (known.arrival_s / load_ < from_s_) continue;
      request = known;
      request.arrival_s = known.arrival_s / load_;
      ++at_;
      return true;
    }
    return false;
  }

 private:
  std::shared_ptr<const std::vector<Request>> requests_;
  double load_;
  double from_s_;
  std::size_t at_ = 0;
};

FleetTrial without_room(const std::vector<SloTarget>& slo) {
  FleetTrial trial;
  trial.targets.resize(slo.size(), {std::numeric_limits<double>::infinity(), 0, 0, false});
  return trial;
}

/// Nothing where a unit of some pool has no room for a KV cache.
std::optional<FleetTrial> played(const ServingInputs& inputs, const CapacityRequests& requests,
                                 const Units& units, double load, const FleetOptions& options,
                                 SloRecords& records) {
  FleetScenario fleet = fleet_of(inputs);
  for (std::size_t i = 0; i < fleet.pools.size(); ++i) {
    fleet.pools[i].spec.units = units[i];
    fleet.pools[i].spec.scaling = ScalingSpec{};
    if (fleet.pools[i].unit.kv_blocks < 1) return std::nullopt;
  }
  fleet.workload = scaled_workload(inputs.scenario.workload, load);
  const bool closed = fleet.workload.concurrency.has_value();
  fleet.open = [&inputs, &requests, workload = fleet.workload, load, closed](double from_s) {
    return requests.open(inputs, workload, closed ? 1 : load, from_s);
  };
  FleetTrial trial;
  NullSink curves;
  trial.fleet = run_fleet(fleet, options, records, curves);
  trial.targets = records.outcomes();
  trial.holds = std::ranges::all_of(trial.targets, &TargetOutcome::holds);
  return trial;
}

}  // namespace

CapacityRequests::CapacityRequests(const ServingInputs& inputs) {
  const WorkloadSpec& workload = inputs.scenario.workload;
  if (!workload.trace) return;
  OpenedWorkload opened = open_workload(workload, inputs.file, inputs.scenario.seed);
  auto requests = std::make_shared<std::vector<Request>>();
  for (Request request; opened.source->next(request);) requests->push_back(request);
  trace_ = std::move(requests);
  warnings_ = opened.warnings;
  has_blocks_ = opened.has_blocks;
}

OpenedWorkload CapacityRequests::open(const ServingInputs& inputs, const WorkloadSpec& workload, double load,
                                      double from_s) const {
  if (!trace_) return open_workload(workload, inputs.file, inputs.scenario.seed, from_s);
  return {std::make_unique<KnownRequests>(trace_, load, from_s), warnings_, has_blocks_};
}

std::optional<std::int64_t> CapacityRequests::num_requests() const {
  if (!trace_) return std::nullopt;
  return static_cast<std::int64_t>(trace_->size());
}

WorkloadSpec scaled_workload(const WorkloadSpec& workload, double load) {
  WorkloadSpec scaled = workload;
  if (scaled.arrivals) scaled.arrivals->rate_per_s *= load;
  if (scaled.concurrency) {
    scaled.concurrency = std::max(1, static_cast<int>(std::lround(*workload.concurrency * load)));
    if (workload.requests && !workload.duration)
      scaled.requests = std::max<std::int64_t>(*scaled.concurrency,
                                               std::llround(static_cast<double>(*workload.requests) * load));
  } else if (scaled.trace && scaled.duration) {
    scaled.duration = *workload.duration / load;
  }
  return scaled;
}

FleetTrial play_fleet(const ServingInputs& inputs, const CapacityRequests& requests,
                      const std::vector<SloTarget>& slo, const Units& units, double load, int threads) {
  FleetOptions options;
  options.threads = threads;
  SloRecords records(slo);
  return played(inputs, requests, units, load, options, records).value_or(without_room(slo));
}

bool fleet_holds(const ServingInputs& inputs, const CapacityRequests& requests,
                 const std::vector<SloTarget>& slo, const Units& units) {
  FleetOptions options;
  SloRecords records(slo);
  if (const auto most = requests.num_requests())
    options.stop = [&records, most = *most] { return records.surely_missed(most); };
  const std::optional<FleetTrial> trial = played(inputs, requests, units, 1, options, records);
  return trial && trial->holds;
}

}  // namespace moesim
