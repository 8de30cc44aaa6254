#pragma once

#include <cstddef>
#include <vector>

#include "sim/planner/search/serving_candidates.hpp"

namespace moesim {

/// Runs candidates by rising bound until no waiting one can be among the best or on the front; those that
/// remain end as CandidateState::bound. Rounds have a fixed size, so that the same ones are run with any
/// number of threads.
class ServingRanking {
 public:
  ServingRanking(const ServingCandidates& source, const ServingSearch& search,
                 std::vector<ServingCandidate>& candidates)
      : source_(source), search_(search), candidates_(candidates) {}

  void run();
  /// Indices of the good candidates, the best first, equal ones in their order; at most num_best.
  [[nodiscard]] std::vector<std::size_t> best() const;
  /// Indices of the candidates that no other beats in both figures, by falling throughput.
  [[nodiscard]] std::vector<std::size_t> front() const;

 private:
  [[nodiscard]] bool hopeless(const ServingCandidate& candidate) const;
  void note();

  const ServingCandidates& source_;
  const ServingSearch& search_;
  std::vector<ServingCandidate>& candidates_;
  double worst_best_ = 0;  ///< score of the last of the best, where there are enough
  bool enough_ = false;
  std::vector<std::size_t> front_;
};

}  // namespace moesim
