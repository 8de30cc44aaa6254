#pragma once

#include "sim/engine/engine.hpp"

namespace moesim::on_simgrid {

/// The largest amounts of a step, which set how finely SimGrid has to count.
struct StepScale {
  double serial_s = 0;        ///< all operations of a column one after another on the slowest GPU
  double largest_flow_B = 0;  ///< of a NIC or NVLink
};

StepScale scale_of(const EngineInput& input);

}  // namespace moesim::on_simgrid
