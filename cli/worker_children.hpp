#pragma once

#include <vector>

#include "sim/runner/worker_protocol.hpp"

namespace moesim::cli {

/// The requests in children of this program, `num_workers` at a time, with a progress bar.
std::vector<WorkerOutcome> run_in_workers(const std::vector<WorkerRequest>& requests, int num_workers);

}  // namespace moesim::cli
