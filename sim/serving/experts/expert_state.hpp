#pragma once

#include <cstdint>
#include <memory>

namespace moesim {

/// How the routed tokens of an iteration fall on a unit. Means over the MoE layers, since a step is the sum
/// over layers of the slowest GPU of each.
struct ExpertState {
  double gpu_max_over_mean = 1;   ///< rows of the fullest expert group (of ep)
  double node_max_over_mean = 1;  ///< of the fullest node, each token once per node
  double slots_touched = 0;       ///< slots with rows on the fullest group; with ep = 1 experts of the layer
  double slot_max_over_mean = 1;  ///< of that group: rows of its fullest slot over the mean of touched ones
};

/// Load of experts by batch, a table made from the router. Thread-safe.
class ExpertLoads {
 public:
  virtual ~ExpertLoads() = default;
  /// Of an iteration that routes `tokens` tokens over the unit; `draw` counts redraws of the unit (iteration
  /// / redraw_every), `unit` tells units apart. The same arguments give the same state. Cost: below 100 ns.
  [[nodiscard]] virtual ExpertState state(double tokens, std::uint64_t unit, std::uint64_t draw) const = 0;
  /// Its mean over draws.
  [[nodiscard]] virtual ExpertState mean(double tokens) const = 0;
};

}  // namespace moesim
