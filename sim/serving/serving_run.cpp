#include "sim/serving/serving_run.hpp"

namespace moesim {

ServingResult run_serving(const ServingInputs& inputs, const FleetOptions& options, RequestSink* requests,
                          RecordSink& sink) {
  ServingResult result{{}, RequestStatistics(inputs.scenario.slo, requests)};
  result.fleet = run_fleet(fleet_of(inputs), options, result.requests, sink);
  return result;
}

}  // namespace moesim
