#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace moesim {

/// One kernel, copy or fill of a GPU as a profiler saw it. Times are seconds from the trace's own zero.
struct TracedKernel {
  std::string name;  ///< demangled
  double start_s = 0;
  double seconds = 0;
  int stream = 0;
  /// The innermost operator of the framework that launched it ("aten::mm") with the shapes and types of its
  /// inputs; empty where the trace does not say.
  std::string op{};
  std::int64_t call = -1;  ///< kernels of one call of that operator share it; -1: not known
  std::vector<std::vector<std::int64_t>> shapes{};
  std::vector<std::string> types{};
  std::string collective{};  ///< "allreduce", ... where the trace names it
  double elements_in = 0;    ///< of a collective, one GPU
  double elements_out = 0;
  int group_size = 0;

  [[nodiscard]] double end_s() const { return start_s + seconds; }
};

struct TracedStep {
  std::string name;
  double start_s = 0;
  double end_s = 0;
};

/// What one GPU did, and when the steps of its job were.
struct Trace {
  std::string file;
  std::string tool;  ///< "PyTorch profiler", "Nsight Systems"
  std::string gpu;   ///< as the tool names it; empty where it does not
  int device = 0;
  std::vector<TracedKernel> kernels;  ///< by start
  std::vector<TracedStep> steps;      ///< by start; marked by the tool
  std::vector<double> launches_s;     ///< host time of each kernel launch
};

/// The GPU that is read, and the marks of a step.
struct TraceChoice {
  int device = -1;     ///< -1: the one with most kernels
  std::string mark{};  ///< a step is a range whose name starts with it; empty: the tool's own
};

/// Reads a Chrome JSON trace of the PyTorch profiler, perhaps compressed by gzip, or an SQLite export of
/// Nsight Systems, told apart by their first bytes. Throws SpecError: no such file, no trace, no kernel, no
/// such device, times that are negative or no numbers.
Trace read_trace(const std::string& file, const TraceChoice& choice = {});

Trace read_chrome_trace(const std::string& file, const TraceChoice& choice);
Trace read_nsight_trace(const std::string& file, const TraceChoice& choice);

}  // namespace moesim
