#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "calib/profile/profile_file.hpp"

namespace moesim {

/// A profile with the path that errors and warnings name.
struct NamedProfile {
  std::string path;
  ProfileFile file;
};

struct MergeReport {
  std::vector<std::size_t> points;  ///< of each input, entries and rows of tables
  std::size_t merged = 0;           ///< of the result
  std::size_t repeated = 0;         ///< timings of a point that another one stands for
  bool dropped_errors = false;      ///< held-out errors of inputs, which are not those of the result
  std::vector<std::string> warnings;
};

/// One profile of profiles of the same GPU. Of several timings of one point measured goes before published
/// before derived (as is what another GPU timed), then the shortest; the others widen its p10 and p90, and a
/// difference above 0.5 % is a warning. Sources and constants are united by id and name, entries are ordered,
/// rows of tables with the same head joined: the order of the inputs does not matter, and what is merged
/// twice is merged once. `name`: that of the result; empty: the inputs' names, joined. Throws SpecError that
/// names both inputs where GPUs, constants or sources of one name differ; inputs are not empty.
ProfileFile merge_profiles(const std::vector<NamedProfile>& inputs, const std::string& name,
                           MergeReport& report);

}  // namespace moesim
