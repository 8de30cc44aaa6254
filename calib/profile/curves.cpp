#include "calib/profile/curves.hpp"

namespace moesim {

TimeEstimate scaled(TimeEstimate estimate, double factor) {
  estimate.seconds *= factor;
  estimate.p10 *= factor;
  estimate.p90 *= factor;
  return estimate;
}

}  // namespace moesim
