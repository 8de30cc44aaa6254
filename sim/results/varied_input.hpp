#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace moesim {

/// A number that a result depends on and that may be other than it is stated.
struct VariedInput {
  std::string name;        ///< constant or dotted key, e.g. "launch", "cluster.nic.efficiency"
  std::string owner;       ///< stack, calibration, cluster or "scenario"
  std::string unit;        ///< of the values
  std::string provenance;  ///< where the value comes from
  std::string varied;      ///< what its ends are, e.g. "interval", "uncertainty", "+-10 %"
  bool stated = true;      ///< its ends are somebody's, not a share that was chosen for want of any
  double value = 0;
  double low = 0;
  double high = 0;
};

/// Values of inputs by their index.
using InputValues = std::vector<std::pair<std::size_t, double>>;

}  // namespace moesim
