#include "calib/import/trace/trace_import.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "base/math.hpp"
#include "calib/import/trace/trace_stack.hpp"
#include "calib/profile/predict.hpp"
#include "calib/profile/profile.hpp"

namespace moesim {

namespace {

/// What calls of one point share.
using PointKey = std::tuple<TimedOperator, NumberFormat, GemmRole, std::map<std::string, double>>;

struct Point {
  Entry entry;
  std::vector<double> alone;   ///< seconds of calls without communication beside them
  std::vector<double> beside;  ///< of the others
  std::string kernel;
};
using Points = std::map<PointKey, Point>;

Points points_of(const TracedSteps& steps) {
  Points points;
  for (const TracedCall& call : steps.calls) {
    if (!call.shape) continue;
    const Entry& entry = call.shape->entry;
    Point& point = points[{entry.op, entry.format, entry.role, entry.axes}];
    point.entry = entry;
    point.kernel = call.kernel;
    (call.overlapped ? point.beside : point.alone).push_back(call.seconds * call.shape->seconds_share);
  }
  for (auto& [key, point] : points) {
    std::sort(point.alone.begin(), point.alone.end());
    std::sort(point.beside.begin(), point.beside.end());
  }
  return points;
}

Entry timed_entry(const Point& point, const std::vector<double>& seconds, Regime regime,
                  const TraceImport& import) {
  Entry entry = point.entry;
  const double median = percentile(seconds, 50);
  entry.time = Seconds(median);
  entry.p10 = percentile(seconds, 10) / median;
  entry.p90 = percentile(seconds, 90) / median;
  entry.gpu = import.base.gpu.name;
  entry.kernel = point.kernel;
  entry.provenance = Provenance::measured;
  entry.source = import.source;
  entry.regime = regime;
  entry.num_samples = static_cast<int>(seconds.size());
  return entry;
}

bool is_product(TimedOperator op) {
  return op == TimedOperator::gemm || op == TimedOperator::grouped_gemm;
}

/// What products keep of their rate beside communication: the median over shapes that ran both ways.
void find_overlap_rate(const Points& points, TraceReport& report) {
  std::vector<double> rates;
  for (const auto& [key, point] : points) {
    if (!is_product(point.entry.op) || point.alone.empty() || point.beside.empty()) continue;
    rates.push_back(percentile(point.alone, 50) / percentile(point.beside, 50));
  }
  std::sort(rates.begin(), rates.end());
  report.overlap_shapes = rates.size();
  if (!rates.empty()) report.overlap_rate = std::min(1.0, percentile(rates, 50));
}

void add_entries(const Points& points, const TraceImport& import, double overlap_rate, ProfileFile& profile) {
  for (const auto& [key, point] : points) {
    if (!point.alone.empty())
      profile.entries.push_back(timed_entry(point, point.alone, Regime::isolated, import));
    if (point.beside.empty()) continue;
    profile.entries.push_back(timed_entry(point, point.beside, Regime::overlapped, import));
    if (!point.alone.empty() || !is_product(point.entry.op)) continue;
    Entry alone = timed_entry(point, point.beside, Regime::isolated, import);
    alone.time = *alone.time * overlap_rate;
    alone.provenance = Provenance::derived;
    profile.entries.push_back(std::move(alone));
  }
}

void count_classes(const TracedSteps& steps, TraceReport& report) {
  const double num_steps = static_cast<double>(steps.steps.size());
  for (const auto& [what, name] : EnumNames<KernelClass>::table) {
    ClassCount count;
    count.what = what;
    for (const TracedCall& call : steps.calls) {
      if (call.what != what) continue;
      ++count.calls;
      count.seconds += call.seconds / num_steps;
      if (!call.shape) continue;
      ++count.matched;
      count.matched_seconds += call.seconds / num_steps;
    }
    if (count.calls > 0) report.classes.push_back(count);
  }
}

void compare_shapes(const Points& points, const TraceImport& import, std::size_t num_steps,
                    TraceReport& report) {
  const CalibrationProfile base(import.base, {}, import.base.name);
  for (const auto& [key, point] : points) {
    std::vector<double> all = point.alone;
    all.insert(all.end(), point.beside.begin(), point.beside.end());
    std::sort(all.begin(), all.end());
    ShapeDifference row;
    row.entry = timed_entry(point, all, Regime::isolated, import);
    row.calls = static_cast<double>(all.size()) / static_cast<double>(num_steps);
    row.traced_s = row.entry.time->value();
    try {
      if (const auto predicted = predict(base, row.entry)) row.predicted_s = predicted->seconds;
    } catch (const CalibrationError&) {  // the base has nothing to answer from
    }
    report.shapes.push_back(std::move(row));
  }
  std::stable_sort(report.shapes.begin(), report.shapes.end(),
                   [](const ShapeDifference& a, const ShapeDifference& b) {
                     return a.calls * a.traced_s > b.calls * b.traced_s;
                   });
}

}  // namespace

ImportedTrace import_trace(const Trace& trace, const TracedSteps& steps, const TraceImport& import) {
  const Points points = points_of(steps);
  ImportedTrace out;
  TraceReport& report = out.report;
  report.lanes = steps.lanes;
  count_classes(steps, report);
  find_overlap_rate(points, report);
  compare_shapes(points, import, steps.steps.size(), report);
  out.profile = import.base;
  out.profile.schema_version = kProfileSchemaVersion;
  out.profile.name = import.name;
  if (!has_source(out.profile.sources, import.source))
    out.profile.sources.push_back({import.source, import.title, "", ""});
  add_entries(points, import, report.overlap_rate, out.profile);
  out.profile.held_out.clear();
  // The stack's says at which clocks the job ran.
  std::erase_if(out.profile.constants, [](const Constant& c) { return c.name == "sustained_rate"; });
  if (import.stack) out.stack = fitted_stack(*import.stack, trace, steps, import, report);
  return out;
}

}  // namespace moesim
