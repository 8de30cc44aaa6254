#pragma once

#include <memory>

#include "sim/engine/engine.hpp"

namespace moesim {

/// The engine "simgrid": every GPU's SMs are a SimGrid host, its NIC and NVLink are SimGrid links, and time,
/// sharing and completion are SimGrid's (model CM02, max-min fair). The result equals the engine "replay" up
/// to rounding.
///
/// Every run() forks a child that simulates and sends the result back: SimGrid allows one engine per process.
/// No other thread of this process should run at that time, since a lock that it holds stays locked in the
/// child. The child ends without exit handlers, and dies with this process. `threads` is not used.
/// Cost: grows with the number of GPUs, see docs/engines.md. run() throws RunError when the graph cannot
/// finish (the text names the first operation that is stuck) and when the child dies.
std::unique_ptr<Engine> make_simgrid_engine();

}  // namespace moesim
