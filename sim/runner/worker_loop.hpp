#pragma once

#include <exception>
#include <functional>
#include <iosfwd>

#include "sim/runner/worker_protocol.hpp"

namespace moesim {

/// The "error" event of what a case threw, without its id.
using ErrorEvent = std::function<Json(const std::exception_ptr& fault)>;

/// What a worker process does: reads requests from the descriptor `input` until its end and writes events to
/// `output`, flushed line by line. Every case runs in a fork of this process, which must have one thread,
/// unless its scenario names the replay engine. A line that is no request is answered with an error whose id
/// is empty. Progress comes at most ten times a second.
void serve_requests(int input, std::ostream& output, const RunRequest& run, const ErrorEvent& error_event);

}  // namespace moesim
