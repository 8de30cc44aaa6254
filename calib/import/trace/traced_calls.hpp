#pragma once

#include <optional>
#include <string>
#include <vector>

#include "calib/import/trace/traced_shape.hpp"

namespace moesim {

/// The kernels of one call of an operator, or one kernel that no operator is known of.
struct TracedCall {
  KernelClass what = KernelClass::small;
  std::string op;      ///< of the framework; empty where not known
  std::string kernel;  ///< name of its longest kernel
  double seconds = 0;  ///< sum over its kernels
  int num_kernels = 0;
  bool overlapped = false;  ///< more than a tenth of it ran beside communication
  std::optional<TracedShape> shape;
};

/// How long the lanes of a GPU were busy in a step, in seconds.
struct StepLanes {
  double step_s = 0;
  double computation_s = 0;    ///< any kernel that is no communication
  double communication_s = 0;  ///< any kernel that is
  double exposed_s = 0;        ///< communication while nothing computed
  double idle_s = 0;           ///< neither
};

/// What ran in some steps of a job, means over them.
struct TracedSteps {
  std::vector<TracedStep> steps;
  std::vector<TracedCall> calls;  ///< of all of them, by start
  StepLanes lanes;
  std::vector<double> gaps_s;  ///< between neighbouring kernels of the busiest stream of computation
};

/// The calls of the last `num_steps` marked steps: the first ones of a trace carry warm-up. Throws SpecError
/// where fewer steps are marked, and for steps without a kernel.
TracedSteps traced_steps(const Trace& trace, int num_steps);

}  // namespace moesim
