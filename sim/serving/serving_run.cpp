#include "sim/serving/serving_run.hpp"

#include <utility>

#include "sim/serving/nodes_peak.hpp"

namespace moesim {
namespace {

void add_histogram(const char* name, const LogHistogram& times, RecordSink& sink) {
  LogHistogram::Bins bins = times.bins();
  if (!bins.edge.empty()) sink.add(Histogram{name, "s", std::move(bins.edge), std::move(bins.weight)});
}

/// Those whose percentiles the summary has.
void add_histograms(const ServingResult& result, RecordSink& sink) {
  LogHistogram inter_token_s;
  bool has_prompts = false;
  bool generates = false;
  for (const PoolResult& pool : result.fleet.pools) {
    has_prompts = has_prompts || pool.role != PoolRole::decode;
    if (pool.role == PoolRole::prefill) continue;
    generates = true;
    inter_token_s.add(pool.totals.inter_token_s);
  }
  add_histogram("e2e_s", result.requests.e2e_s, sink);
  add_histogram("itl_s", inter_token_s, sink);
  if (generates) add_histogram("tpot_s", result.requests.tpot_s, sink);
  if (has_prompts) add_histogram("ttft_s", result.requests.ttft_s, sink);
}

}  // namespace

ServingResult run_serving(const ServingInputs& inputs, const FleetOptions& options, RequestSink* requests,
                          RecordSink& sink) {
  ServingResult result{{}, RequestStatistics(inputs.scenario.slo, requests), 0};
  NodesPeak curves(sink);
  result.fleet = run_fleet(fleet_of(inputs), options, result.requests, curves);
  result.nodes_peak = curves.value();
  add_histograms(result, sink);
  return result;
}

}  // namespace moesim
