#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/routing/eplb.hpp"
#include "sim/routing/expert_moves.hpp"

namespace moesim {

/// When and from what a layer's experts are placed anew. The defaults are SGLang's: every 1000 iterations,
/// from all loads since.
struct RebalanceSpec {
  EplbSpec eplb;
  int every = 1000;   ///< steps between two plans
  int window = 1000;  ///< steps whose loads are summed
  int lag = 0;        ///< steps from the last load that counts to the first that uses the placement, less one
};

/// A new placement with what it takes to get there.
struct Replan {
  ExpertPlacement placement;
  std::vector<ExpertMove> moves;
};

/// Re-plans one layer by EPLB every `every` steps from the sum of the loads of the last `window` steps, the
/// most recent `lag` of them left out: statistics that are gathered and weights that are moved while steps go
/// on are old by the time they serve. A step's load is kept in FP32, exact up to 2^24 tokens an expert;
/// memory is (window + lag) x num_experts of them.
class Rebalancer {
 public:
  /// `first` is in force until the first plan; its slots keep what they can. Throws std::invalid_argument for
  /// `every` or `window` below 1, a negative lag, sizes that differ from those of `first`, and what
  /// eplb_placement refuses.
  Rebalancer(const RebalanceSpec& spec, ExpertPlacement first);

  /// Takes the tokens of each expert in the step that ends, [num_experts]. Yields the next placement where
  /// the step is a multiple of `every` and at least one load is older than `lag`; its moves may be none.
  std::optional<Replan> end_step(std::span<const double> expert_tokens);

  /// In force for the next step.
  [[nodiscard]] const ExpertPlacement& placement() const { return placement_; }
  /// The loads that a plan after the last step would see, [num_experts], and of how many steps they are.
  [[nodiscard]] std::vector<double> window_sum() const;
  [[nodiscard]] std::int64_t loads_in_window() const;

 private:
  [[nodiscard]] std::int64_t ring_size() const;

  RebalanceSpec spec_;
  ExpertPlacement placement_;
  std::int64_t num_steps_ = 0;
  std::vector<float> history_;  ///< ring of [window + lag, num_experts]
};

}  // namespace moesim
