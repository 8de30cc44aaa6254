#pragma once

#include <string>

#include "base/spec.hpp"

namespace moesim {

/// A published figure that a summary is shown beside; it never reaches the simulation.
struct PublishedFigure {
  std::string key;  ///< of the summary
  double value = 0;
  std::string unit;
  std::string source;
};
const Spec<PublishedFigure>& spec_of(const PublishedFigure*);

}  // namespace moesim
