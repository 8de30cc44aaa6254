#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "sim/runner/worker_protocol.hpp"

namespace moesim {

/// Requests that are made when they are wanted, and where their outcomes go: what runs a stream holds as many
/// requests as it has workers, however many there are. All are called by the one who runs the stream, from
/// its thread; what they throw ends the run.
struct RequestStream {
  /// The next request; empty once there is none.
  std::function<std::optional<WorkerRequest>()> next;
  /// The outcome of a request, `index` counting from 0 in the order of next(). Outcomes come as cases end.
  std::function<void(std::size_t index, const WorkerRequest& request, WorkerOutcome outcome)> take;
  /// Asked at least ten times a second whether to go on; false drops the cases in work. May be empty.
  std::function<bool()> go_on;
};

/// Runs a stream to its end, in worker processes here or elsewhere. A case whose process dies is tried once
/// more.
using RunRequestStream = std::function<void(const RequestStream& stream)>;

}  // namespace moesim
