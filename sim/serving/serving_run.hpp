#pragma once

#include <functional>

#include "base/json.hpp"
#include "sim/results/record_sink.hpp"
#include "sim/serving/fleet/fleet.hpp"
#include "sim/serving/request_statistics.hpp"
#include "sim/serving/serving_inputs.hpp"

namespace moesim {

/// A run with what became of its requests.
struct ServingResult {
  FleetResult fleet;
  RequestStatistics requests;
  double nodes_peak = 0;  ///< of all pools at one sample of the curves
};

/// Plays the scenario. Requests also go to `requests`, which may be null, as they end. Throws SpecError for a
/// faulty trace and RunError.
ServingResult run_serving(const ServingInputs& inputs, const FleetOptions& options, RequestSink* requests,
                          RecordSink& sink);

}  // namespace moesim
