#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/planner/search/serving_bound.hpp"
#include "sim/planner/search/serving_figures.hpp"

namespace moesim {

/// What a deployment must hold: "ttft<=2s@p99".
struct ServingLimit {
  std::string text;    ///< as it was given
  std::string figure;  ///< of ServingFigures, or of its rates
  bool at_most = true;
  double value = 0;      ///< SI
  bool of_user = false;  ///< about the speed that a user sees, which is an axis of the front
};

/// "NAME<=VALUE" or "NAME>=VALUE", of times with "@mean", "@p50", "@p90" or "@p99" (default) behind:
///   ttft, tpot, itl, e2e   times                slo         share of requests within the scenario's
///   objectives throughput             tokens/s and GPU     user        tokens/s of a user cost, energy $ per
///   million, J per output token memory, batch, gpus    of one GPU, max_batch, of all pools
/// Throws SpecError naming `origin`.
ServingLimit read_serving_limit(std::string_view text, const std::string& origin);

/// Throws SpecError where no deployment can hold both of two limits, naming them.
void check_limits(std::span<const ServingLimit> limits, const std::string& origin);

/// The figure that a limit is about; nothing where the run has none.
std::optional<double> value_of(const ServingLimit& limit, const ServingFigures& figures);

/// By how much a value misses the limit, as a share of it; 0 where it holds.
double miss_fraction(const ServingLimit& limit, double value);

/// What limits say about means, for bounds. Means are below a 99th percentile but for a tail of 10 %.
BoundLimits bound_limits(std::span<const ServingLimit> limits);

}  // namespace moesim
