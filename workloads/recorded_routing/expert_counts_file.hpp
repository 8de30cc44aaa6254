#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/spec.hpp"

namespace moesim {

/// Tokens of each expert by the layer's number, [num_experts] each.
using LayerCounts = std::map<std::string, std::vector<std::int64_t>>;

/// The counts of one step in a JSON file.
struct StepCounts {
  std::int64_t step = 0;
  LayerCounts layers;
};
const Spec<StepCounts>& spec_of(const StepCounts*);

/// A JSON file of expert counts as it stands; read_expert_counts() makes ExpertCounts of it.
struct ExpertCountsFile {
  int schema_version = 1;
  std::optional<std::string> model;
  int num_experts = 0;
  std::optional<LayerCounts> layers;  ///< of a recording without steps
  std::optional<std::vector<StepCounts>> steps;
};
const Spec<ExpertCountsFile>& spec_of(const ExpertCountsFile*);

}  // namespace moesim
