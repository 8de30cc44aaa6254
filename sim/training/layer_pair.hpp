#pragma once

#include <array>
#include <optional>

#include "sim/engine/engine.hpp"
#include "sim/training/training_inputs.hpp"

namespace moesim {

/// One MoE layer's forward overlapped with one's backward, as a chunk of several layers runs them in the
/// middle of a step: no pipeline transfer, no ZeRO. Means over the layers of the chunk.
struct LayerPair {
  double total_s = 0;                        ///< wall time of the chunk over its layers
  std::array<double, kNumPhases> phase_s{};  ///< spans; transfers without the casts before them
  double exposed_communication_s = 0;
};

/// Empty where the schedule pairs no passes or the model has no MoE layer. The GPU is a representative one.
std::optional<LayerPair> replay_layer_pair(const TrainingInputs& inputs);

}  // namespace moesim
