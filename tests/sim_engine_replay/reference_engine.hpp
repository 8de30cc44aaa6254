#pragma once

#include <vector>

#include "sim/engine/engine.hpp"

namespace moesim::test {

/// The rules of the engines written down as plainly as they can be: at every event each GPU of every column
/// is looked at and every rate is worked out anew. Quadratic, without jitter, for small graphs. Returns the
/// end of the last operation of each GPU; infinity where it is stuck.
std::vector<double> reference_gpu_ends(const EngineInput& input);

}  // namespace moesim::test
