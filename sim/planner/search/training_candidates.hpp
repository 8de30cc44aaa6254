#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "sim/engine/jitter.hpp"
#include "sim/engine/lane_program.hpp"
#include "sim/planner/search/training_search.hpp"
#include "sim/planner/search/training_space.hpp"
#include "sim/training/step_graph.hpp"

namespace moesim {

enum class LayoutState : std::uint8_t { invalid, memory, waiting, bound, evaluated };

/// A point of the space with what became of it.
struct TrainingCandidate {
  std::uint64_t index = 0;
  LayoutState state = LayoutState::waiting;
  std::string reason;           ///< of an invalid one: pointer of what forbids it; of a large one: what limit
  double excess_B = 0;          ///< of one too large for memory: what it lacks
  double bound = 0;             ///< no score of it is smaller
  double computation_s = 0;     ///< of its GPUs at least, as PassBound has it
  int num_computations = 0;     ///< the same
  double score = 0;             ///< of an evaluated one: see score_of()
  std::vector<double> misses;   ///< [num_limits] of an evaluated one; 0: holds
  bool good = false;            ///< evaluated, and holds all limits
  std::vector<double> figures;  ///< of an evaluated one: those of shown_figures(), in its order
};

/// What an objective makes of a training summary; the smaller the better.
double score_of(Objective objective, const Json& figures);
/// Of the summary of an evaluated one what the list of the best shows.
Json shown_figures(const TrainingCandidate& candidate);
/// The key of the summary that an objective is about.
std::string_view figure_key(Objective objective);

/// Lays out, bounds and replays the candidates of a space. Thread-safe.
class TrainingCandidates {
 public:
  TrainingCandidates(const TrainingSpace& space, const TrainingSearch& search)
      : space_(space), search_(search) {}

  /// All points in their order: forbidden, alike with an earlier one, too large for memory, or bounded.
  [[nodiscard]] std::vector<TrainingCandidate> classify() const;
  /// One point, never taken for a double.
  [[nodiscard]] TrainingCandidate classified(std::uint64_t index) const;
  /// Replays the candidate unless the bound of its graph is above `threshold`.
  void evaluate(TrainingCandidate& candidate, double threshold) const;
  [[nodiscard]] std::unique_ptr<TrainingInputs> inputs_of(const TrainingCandidate& candidate) const;

 private:
  void bound(const TrainingPoint& point, TrainingCandidate& candidate) const;
  [[nodiscard]] Json figures_of(const TrainingInputs& inputs, const StepGraph& step,
                                const LaneProgram& program) const;
  [[nodiscard]] std::shared_ptr<JitterTable> jitter_of(const EngineInput& input) const;
  void judge(const Json& figures, TrainingCandidate& candidate) const;

  const TrainingSpace& space_;
  const TrainingSearch& search_;
  mutable std::mutex mutex_;
  mutable std::vector<std::shared_ptr<JitterTable>> jitters_;  ///< of each sigma and seed once
};

}  // namespace moesim
