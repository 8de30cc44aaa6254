#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"

namespace moesim {

/// What every result says before its summary.
struct ResultHeader {
  std::string kind;
  std::uint64_t seed = 0;
  std::string model;
  std::string cluster;
  int num_gpus = 0;  ///< of the cluster
  int num_nodes = 0;
  std::string engine;
  std::int64_t num_simulated_gpus = 0;
  std::uint64_t num_operations = 0;
  std::vector<std::string> warnings;
};

/// schema_version, kind, scenario, seed, moesim_version, model, cluster, engine, provenance, warnings, in
/// this order; the summary is the caller's.
Json result_document(const ResultHeader& header, const Json& scenario, const Json& provenance);

/// Adds a warning for each figure of the scenario's "published" whose key the summary lacks.
void warn_of_unknown_figures(Json& result);

/// What forbids a plan: [{pointer, what, hint}].
Json violations_json(const std::vector<PlanError::Violation>& found);

/// Throws RunError, naming the first, where a number is not finite: a rate of the inputs is so small that a
/// time is beyond all numbers.
void require_finite(const Json& result);

}  // namespace moesim
