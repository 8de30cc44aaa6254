#pragma once

#include <optional>
#include <string>
#include <vector>

#include "calib/import/trace/traced_calls.hpp"
#include "calib/profile/profile_file.hpp"
#include "calib/profile/stack.hpp"

namespace moesim {

/// What the steps of a job become.
struct TraceImport {
  std::string name;            ///< of the profile and the stack
  std::string source;          ///< id of the trace's source
  std::string title;           ///< of the source, e.g. the file
  ProfileFile base;            ///< GPU, sources, constants and entries that the trace does not time
  std::optional<Stack> stack;  ///< what is fitted to the trace replaces its constants
};

/// Kernels of one class: those that a shape explains became points.
struct ClassCount {
  KernelClass what = KernelClass::small;
  std::size_t calls = 0;
  std::size_t matched = 0;
  double seconds = 0;          ///< a step
  double matched_seconds = 0;  ///< a step
};

/// One shape of the job: what the trace says against what the base says.
struct ShapeDifference {
  Entry entry;       ///< median time of the trace
  double calls = 0;  ///< a step
  double traced_s = 0;
  std::optional<double> predicted_s;  ///< by the base, of one call; nothing where it has no lookup
};

struct TraceReport {
  std::vector<ClassCount> classes;
  std::vector<ShapeDifference> shapes;  ///< by time of a step, longest first
  StepLanes lanes;
  double overlap_rate =
      1;  ///< GEMMs alone over the same beside communication; 1 where no shape ran both ways
  std::size_t overlap_shapes = 0;
  double gap_s = 0;     ///< median
  double launch_s = 0;  ///< median; 0 where the trace has no launches
};

struct ImportedTrace {
  ProfileFile profile;
  std::optional<Stack> stack;
  TraceReport report;
};

/// A private profile and stack of a job. Every shape becomes a measured point: the median of its calls with
/// p10 and p90; isolated where nothing communicated beside it, else overlapped; a shape that only ran beside
/// communication becomes a derived isolated point by the rate that others lost. The stack gets kernel_gap,
/// launch, sustained_rate (1: a job's own kernels run at its clocks) and compute_contention.
ImportedTrace import_trace(const Trace& trace, const TracedSteps& steps, const TraceImport& import);

}  // namespace moesim
