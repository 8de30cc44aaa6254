#include "calib/import/trace/traced_calls.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/error.hpp"

namespace moesim {

namespace {

using Spans = std::vector<std::pair<double, double>>;  ///< [start, end], seconds

constexpr double kOverlapShare = 0.1;
/// A longer pause is a wait, no gap between launches.
constexpr double kLongestGap = 50e-6;

/// `spans` by start, as disjoint ones.
Spans united(Spans spans) {
  std::sort(spans.begin(), spans.end());
  Spans out;
  for (const auto& [start, end] : spans) {
    if (!out.empty() && start <= out.back().second)
      out.back().second = std::max(out.back().second, end);
    else
      out.emplace_back(start, end);
  }
  return out;
}

double length(const Spans& spans) {
  double sum = 0;
  for (const auto& [start, end] : spans) sum += end - start;
  return sum;
}

/// How much of [start, end] the disjoint, ascending `spans` cover.
double covered(const Spans& spans, double start, double end) {
  auto at = std::upper_bound(spans.begin(), spans.end(), start,
                             [](double time, const auto& span) { return time < span.second; });
  double sum = 0;
  for (; at != spans.end() && at->first < end; ++at)
    sum += std::min(end, at->second) - std::max(start, at->first);
  return sum;
}

/// The kernels that start in a step, with their classes.
struct StepKernels {
  std::vector<const TracedKernel*> kernels;
  std::vector<KernelClass> classes;
};

StepKernels kernels_of(const Trace& trace, const TracedStep& step) {
  StepKernels out;
  for (const TracedKernel& kernel : trace.kernels) {
    if (kernel.start_s < step.start_s || kernel.start_s >= step.end_s) continue;
    out.kernels.push_back(&kernel);
    out.classes.push_back(classify_kernel(kernel.name));
  }
  if (out.kernels.empty())
    throw SpecError(trace.file, "", fmt::format("no kernel starts in {}", step.name),
                    "name the ranges of steps on the GPU's time (--mark)");
  return out;
}

Spans lane(const StepKernels& step, bool communication) {
  Spans spans;
  for (std::size_t i = 0; i < step.kernels.size(); ++i) {
    if (is_communication(step.classes[i]) == communication)
      spans.emplace_back(step.kernels[i]->start_s, step.kernels[i]->end_s());
  }
  return united(std::move(spans));
}

void add_lanes(const TracedStep& step, const Spans& computation, const Spans& communication, double weight,
               StepLanes& lanes) {
  Spans both = computation;
  both.insert(both.end(), communication.begin(), communication.end());
  const double busy = length(united(std::move(both)));
  lanes.step_s += weight * (step.end_s - step.start_s);
  lanes.computation_s += weight * length(computation);
  lanes.communication_s += weight * length(communication);
  lanes.exposed_s += weight * (busy - length(computation));
  lanes.idle_s += weight * std::max(0.0, step.end_s - step.start_s - busy);
}

void add_calls(const StepKernels& step, const Spans& communication, std::vector<TracedCall>& calls) {
  std::map<std::pair<std::int64_t, KernelClass>, std::size_t> places;
  std::vector<double> longest, beside;
  const std::size_t first = calls.size();
  for (std::size_t i = 0; i < step.kernels.size(); ++i) {
    const TracedKernel& kernel = *step.kernels[i];
    const KernelClass what = step.classes[i];
    auto place = calls.size();
    if (kernel.call >= 0) place = places.emplace(std::pair(kernel.call, what), calls.size()).first->second;
    if (place == calls.size()) {
      calls.push_back({what, kernel.op, kernel.name, 0, 0, false, traced_shape(kernel, what)});
      longest.push_back(0);
      beside.push_back(0);
    }
    TracedCall& call = calls[place];
    call.seconds += kernel.seconds;
    ++call.num_kernels;
    if (!is_communication(what))
      beside[place - first] += covered(communication, kernel.start_s, kernel.end_s());
    if (kernel.seconds <= longest[place - first]) continue;
    longest[place - first] = kernel.seconds;
    call.kernel = kernel.name;
  }
  for (std::size_t i = first; i < calls.size(); ++i)
    calls[i].overlapped = beside[i - first] > kOverlapShare * calls[i].seconds;
}

/// Pauses of the stream with most kernels that compute.
void add_gaps(const StepKernels& step, std::vector<double>& gaps) {
  std::map<int, std::vector<const TracedKernel*>> streams;
  for (std::size_t i = 0; i < step.kernels.size(); ++i) {
    if (!is_communication(step.classes[i])) streams[step.kernels[i]->stream].push_back(step.kernels[i]);
  }
  const auto most = std::max_element(streams.begin(), streams.end(), [](const auto& a, const auto& b) {
    return a.second.size() < b.second.size();
  });
  if (most == streams.end()) return;
  for (std::size_t i = 1; i < most->second.size(); ++i) {
    const double gap = most->second[i]->start_s - most->second[i - 1]->end_s();
    if (gap >= 0 && gap < kLongestGap) gaps.push_back(gap);
  }
}

}  // namespace

TracedSteps traced_steps(const Trace& trace, int num_steps) {
  if (static_cast<int>(trace.steps.size()) < num_steps)
    throw SpecError(trace.file, "",
                    fmt::format("{} marked steps, {} are wanted", trace.steps.size(), num_steps),
                    "call profiler.step(), push an NVTX range named step, or name your mark (--mark)");
  TracedSteps out;
  out.steps.assign(trace.steps.end() - num_steps, trace.steps.end());
  for (const TracedStep& step : out.steps) {
    const StepKernels kernels = kernels_of(trace, step);
    const Spans computation = lane(kernels, false), communication = lane(kernels, true);
    add_lanes(step, computation, communication, 1.0 / num_steps, out.lanes);
    add_calls(kernels, communication, out.calls);
    add_gaps(kernels, out.gaps_s);
  }
  return out;
}

}  // namespace moesim
