#include "calib/import/trace/trace_stack.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/math.hpp"

namespace moesim {

namespace {

/// A smaller sample says nothing of a spread.
constexpr std::size_t kFewestSamples = 10;
/// Fewer shapes that ran both alone and beside communication are no ground for a rate.
constexpr std::size_t kFewestShapes = 3;

struct Observed {
  double value;
  double low;
  double high;
};

void set_constant(Stack& stack, const std::string& name, const std::string& unit, const Observed& observed,
                  const std::string& source, const std::string& note) {
  auto at = std::find_if(stack.constants.begin(), stack.constants.end(),
                         [&](const Constant& constant) { return constant.name == name; });
  if (at == stack.constants.end()) at = stack.constants.insert(stack.constants.end(), Constant{});
  *at = Constant{};
  at->name = name;
  at->value = observed.value;
  at->unit = unit;
  at->provenance = Provenance::measured;
  at->sources = {source};
  at->interval = {observed.low, observed.high};
  at->note = note;
}

/// Median, p10 and p90 of the samples.
Observed observed_of(std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  return {percentile(samples, 50), percentile(samples, 10), percentile(samples, 90)};
}

/// The contention with which overlapped_rate() gives the rate that the trace shows.
double contention_of(const Stack& stack, double overlap_rate, int num_sms) {
  double contention = overlap_rate;
  for (const OverlapSlowdown& row : stack.slowdowns) {
    if (row.compute == ComputeClass::gemm && row.loses_sms)
      contention = overlap_rate * num_sms / (num_sms - stack.all_to_all.num_sms);
  }
  return contention;
}

bool has_constant(const Stack& stack, const std::string& name) {
  return std::any_of(stack.constants.begin(), stack.constants.end(),
                     [&](const Constant& constant) { return constant.name == name; });
}

}  // namespace

Stack fitted_stack(Stack stack, const Trace& trace, const TracedSteps& steps, const TraceImport& import,
                   TraceReport& report) {
  stack.name = import.name;
  if (!has_source(stack.sources, import.source))
    stack.sources.push_back({import.source, import.title, "", ""});
  if (steps.gaps_s.size() >= kFewestSamples) {
    const Observed gap = observed_of(steps.gaps_s);
    report.gap_s = gap.value;
    set_constant(stack, "kernel_gap", "s", gap, import.source,
                 fmt::format("between kernels of the trace, {} gaps", steps.gaps_s.size()));
  }
  if (trace.launches_s.size() >= kFewestSamples) {
    const Observed launch = observed_of(trace.launches_s);
    report.launch_s = launch.value;
    set_constant(stack, "launch", "s", launch, import.source,
                 "host time of a launch under the profiler, which lengthens it");
  }
  set_constant(stack, "sustained_rate", "ratio", {1, 1, 1}, import.source,
               "kernels of a job run at the clocks that the job sustains");
  const double contention = contention_of(stack, report.overlap_rate, import.base.gpu.num_sms);
  if (report.overlap_shapes >= kFewestShapes && has_constant(stack, "compute_contention") && contention > 0 &&
      contention <= 2) {
    set_constant(
        stack, "compute_contention", "ratio", {contention, contention, contention}, import.source,
        fmt::format("{} shapes that ran both alone and beside communication", report.overlap_shapes));
  }
  return stack;
}

}  // namespace moesim
