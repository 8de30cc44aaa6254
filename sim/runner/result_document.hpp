#pragma once

#include <cstdint>
#include <string>
#include <vector>

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

}  // namespace moesim
