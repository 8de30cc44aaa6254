#pragma once

#include "base/json.hpp"
#include "sim/serving/serving_run.hpp"

namespace moesim {

/// The keys of a serving summary; how each is derived is in docs/metrics.md.
Json serving_summary(const ServingInputs& inputs, const ServingResult& result);

/// Where the mean iteration of each pool goes: {pool: [{name, seconds, low_s, high_s, source, note}]}, rows
/// that add up to its last one. Of pools that generate iterations without prompts, of others those with.
Json serving_waterfall(const ServingInputs& inputs, const ServingResult& result);

/// Shares of the time of iterations by origin, at the mean iterations of each pool: measured, published,
/// derived, assumed.
Json serving_provenance(const ServingInputs& inputs, const ServingResult& result);

/// Memory by item, KV capacity and process groups of each pool, and the largest batch that fits.
Json pool_plans_json(const ServingInputs& inputs);

}  // namespace moesim
