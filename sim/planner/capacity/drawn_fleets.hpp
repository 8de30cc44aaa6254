#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/planner/capacity/fleet_trial.hpp"
#include "sim/results/varied_input.hpp"

namespace moesim {

/// The scenario with its uncertain inputs drawn over and over: triangular over their stated ends, as
/// intervals of results have them.
class DrawnFleets {
 public:
  /// What is referred to outlives this.
  DrawnFleets(const ServingInputs& inputs, const CapacityRequests& requests,
              const std::vector<SloTarget>& slo, int num_draws, int threads);

  /// Whether the SLO holds in at least `wanted` draws. A draw in which a fleet held or failed is not played
  /// again for a fleet of more, or fewer, units of every pool; draws that failed most come first, eight at a
  /// time, until the answer is known. The answer, and what is played, does not depend on the threads.
  bool hold(const Units& units, int wanted);

  /// Frees what draws are played with; it is made again where it is needed.
  void forget_inputs() {
    for (Draw& draw : draws_) draw.inputs.reset();
  }
  [[nodiscard]] int num_draws() const { return static_cast<int>(draws_.size()); }
  /// Draws that are known to hold with these units.
  [[nodiscard]] int num_holding(const Units& units) const;
  [[nodiscard]] std::int64_t num_simulations() const { return num_simulations_; }
  [[nodiscard]] std::size_t num_inputs() const { return num_inputs_; }

 private:
  struct Draw {
    InputValues values;
    std::unique_ptr<ServingInputs> inputs;  ///< null until it is played
    std::vector<Units> held;
    std::vector<Units> failed;
    [[nodiscard]] bool is_held(const Units& units) const;
    [[nodiscard]] bool is_failed(const Units& units) const;
  };
  [[nodiscard]] std::vector<Draw*> unknown(const Units& units);
  void play(const std::vector<Draw*>& batch, const Units& units);

  const ServingInputs& inputs_;
  const CapacityRequests& requests_;
  const std::vector<SloTarget>& slo_;
  int threads_;
  std::size_t num_inputs_ = 0;
  std::int64_t num_simulations_ = 0;
  std::vector<Draw> draws_;
};

}  // namespace moesim
