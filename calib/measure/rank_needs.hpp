#pragma once

#include <string_view>
#include <vector>

#include "calib/measure/measured_case.hpp"

namespace moesim {

/// The name of a case that measures an operator between GPUs on one GPU alone: what its software costs at
/// least. No link is involved, so such a time never enters a profile.
inline constexpr std::string_view kSoftwareFloor = "software_floor";

/// The ranks and nodes that a case takes.
struct RankNeeds {
  int ranks = 1;
  int nodes = 1;
  auto operator<=>(const RankNeeds&) const = default;
};

/// Of collectives their num_gpus and the setting "nodes", of dispatch and combine their ep; 1 of all others.
RankNeeds rank_needs(const MeasuredCase& point);

/// True of an operator between GPUs that is measured on one.
bool is_software_floor(const MeasuredCase& point);

/// The cases that `needs` ranks and nodes can run: those of exactly so many.
std::vector<MeasuredCase> cases_for(std::vector<MeasuredCase> cases, const RankNeeds& needs);

}  // namespace moesim
