#include "sim/planner/capacity/load_margin.hpp"

#include <cmath>
#include <utility>

namespace moesim {

LoadMargin load_margin(const std::function<FleetTrial(double load)>& play) {
  LoadMargin margin;
  double load = 1;
  FleetTrial trial = play(load);
  const bool grows = trial.holds;
  while (trial.holds == grows) {
    (grows ? margin.load : margin.breaking_load) = load;
    margin.breaking = std::move(trial);
    load = grows ? load * 2 : load / 2;
    if (load > kMostLoad || load < 1 / kMostLoad) return margin;
    trial = play(load);
  }
  if (grows) margin.breaking = std::move(trial);
  (grows ? margin.breaking_load : margin.load) = load;
  while (margin.breaking_load > kLoadTolerance * margin.load) {
    load = std::sqrt(margin.breaking_load * margin.load);
    trial = play(load);
    if (trial.holds) {
      margin.load = load;
    } else {
      margin.breaking_load = load;
      margin.breaking = std::move(trial);
    }
  }
  return margin;
}

}  // namespace moesim
