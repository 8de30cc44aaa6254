#pragma once

#include <string_view>

#include "sim/engine/engine.hpp"

namespace moesim {

/// Throws RunError, whose text starts with the name of the engine, when `input` lacks a graph or GPUs or has
/// a rate, slowdown or load that is negative or not finite. Whether the graph is sound is find_defect()'s.
void check_input(const EngineInput& input, std::string_view engine);

}  // namespace moesim
