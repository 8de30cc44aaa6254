#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "sim/runner/request_stream.hpp"
#include "sim/runner/worker_protocol.hpp"

namespace moesim {

struct WorkerPool {
  std::vector<std::string> command;  ///< starts a worker, e.g. {"/usr/bin/moesim", "worker"}
  int num_workers = 1;
  /// Called for every event of request `index`, from the calling thread; may be empty.
  std::function<void(std::size_t index, const Json& event)> on_event;
};

/// Runs the requests in worker processes, each taking the next one when it is free. Where a worker or the
/// process of a case dies or writes what is no event, the case is tried a second time, then its outcome says
/// how it ended. Throws RunError where no worker can be started.
void run_request_stream(const WorkerPool& pool, const RequestStream& stream);

/// The same for requests that are there already; the outcomes are in their order.
std::vector<WorkerOutcome> run_requests(const WorkerPool& pool, const std::vector<WorkerRequest>& requests);

}  // namespace moesim
