#include "sim/serving/serving_run.hpp"

#include "sim/serving/nodes_peak.hpp"

namespace moesim {

ServingResult run_serving(const ServingInputs& inputs, const FleetOptions& options, RequestSink* requests,
                          RecordSink& sink) {
  ServingResult result{{}, RequestStatistics(inputs.scenario.slo, requests), 0};
  NodesPeak curves(sink);
  result.fleet = run_fleet(fleet_of(inputs), options, result.requests, curves);
  result.nodes_peak = curves.value();
  return result;
}

}  // namespace moesim
