#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "workloads/requests/request.hpp"
#include "workloads/requests/workload_spec.hpp"

namespace moesim {

/// A source with what it had to say: rows put in order, lines passed over.
struct OpenedWorkload {
  std::unique_ptr<RequestSource> source;
  std::vector<std::string> warnings;  ///< complete once the source is at its end
  bool has_blocks = false;            ///< requests carry hashes of their prompt's blocks
};

/// Opens what `spec` asks for; paths are relative to the folder of `file`, the scenario. The same seed gives
/// the same requests. `from_s`: a generated workload starts at this time as it would be in the whole one,
/// whatever came before is passed over (a window of a day). Throws SpecError.
OpenedWorkload open_workload(const WorkloadSpec& spec, const std::string& file, std::uint64_t seed,
                             double from_s = 0);

}  // namespace moesim
