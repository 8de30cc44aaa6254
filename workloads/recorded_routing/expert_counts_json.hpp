#pragma once

#include <filesystem>
#include <string>

#include "workloads/recorded_routing/expert_counts.hpp"

namespace moesim {

/// `num_experts` 0: as the file says. Throws SpecError.
ExpertCounts read_counts_json(const std::filesystem::path& path, int num_experts);
std::string counts_json_text(const ExpertCounts& counts);

}  // namespace moesim
