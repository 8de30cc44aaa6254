// What a profile says about overlapped layers, transfers and links.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/math.hpp"
#include "calib/profile/calibrated_operator.hpp"
#include "calib/profile/profile.hpp"

namespace moesim {

namespace {

bool times_an_operator(TimedOperator op) {
  return op == TimedOperator::gemm || op == TimedOperator::grouped_gemm ||
         op == TimedOperator::attention_prefill;
}

}  // namespace

std::optional<TimeEstimate> CalibrationProfile::overlapped_operator(std::string_view name) const {
  for (const auto& entry : entries_) {
    if (entry.regime == Regime::overlapped && times_an_operator(entry.op) && entry.name == name) {
      return estimate_of(entry);
    }
  }
  return std::nullopt;
}

std::optional<TimeEstimate> CalibrationProfile::overlapped_phase(std::string_view phase) const {
  for (const auto& entry : entries_) {
    if (entry.regime == Regime::overlapped && entry.op == TimedOperator::phase && entry.name == phase) {
      return estimate_of(entry);
    }
  }
  return std::nullopt;
}

std::vector<OverlappedPart> CalibrationProfile::overlapped_parts(std::string_view phase) const {
  std::vector<OverlappedPart> parts;
  for (const auto& entry : entries_) {
    if (entry.regime == Regime::overlapped && entry.op == TimedOperator::phase_part && entry.phase == phase) {
      parts.push_back({entry.name, estimate_of(entry)});
    }
  }
  return parts;
}

std::optional<TimeEstimate> CalibrationProfile::overlapped_part(std::string_view phase,
                                                                std::string_view name) const {
  for (auto& part : overlapped_parts(phase)) {
    if (part.name == name) return part.estimate;
  }
  return std::nullopt;
}

std::vector<const Entry*> CalibrationProfile::by_expert_parallel(TimedOperator op) const {
  std::vector<const Entry*> out;
  for (const auto& entry : entries_) {
    if (entry.op == op && lies_on_curves(entry)) out.push_back(&entry);
  }
  if (out.empty()) fail(fmt::format("no {} entry is left", enum_name(op)), "leave out fewer sources");
  std::stable_sort(out.begin(), out.end(),
                   [](const Entry* a, const Entry* b) { return a->axis("ep") < b->axis("ep"); });
  return out;
}

BytesPerSecond CalibrationProfile::all_to_all_bandwidth(TimedOperator op, double ep) const {
  auto points = by_expert_parallel(op);
  std::erase_if(points, [](const Entry* e) { return !e->bandwidth; });
  if (points.empty()) fail(fmt::format("{} holds times, not bandwidths", enum_name(op)), "use low_latency");
  if (ep <= points.front()->axis("ep")) return *points.front()->bandwidth;
  if (ep >= points.back()->axis("ep")) return *points.back()->bandwidth;
  std::size_t i = 1;
  while (points[i]->axis("ep") < ep) ++i;
  const double low = points[i - 1]->axis("ep");
  const double t = log_det(ep / low) / log_det(points[i]->axis("ep") / low);
  return *points[i - 1]->bandwidth + t * (*points[i]->bandwidth - *points[i - 1]->bandwidth);
}

TimeEstimate CalibrationProfile::low_latency(TimedOperator op, double ep, double tokens, double top_k,
                                             double hidden, double experts) const {
  const TransferShape shape{op, ep, tokens, top_k, hidden, 0, experts};
  if (const auto timed = serving_.transfer(shape)) return *timed;
  const bool any = std::any_of(entries_.begin(), entries_.end(),
                               [&](const Entry& e) { return e.op == op && lies_on_curves(e); });
  if (!any && !lost_to_exclusion(op)) return by_law(shape);
  const auto points = by_expert_parallel(op);
  const auto distance = [&](const Entry* e) { return std::abs(log_det(e->axis("ep") / ep)); };
  const Entry& anchor = **std::min_element(points.begin(), points.end(), [&](const Entry* a, const Entry* b) {
    return distance(a) < distance(b);
  });
  const double load =
      tokens * top_k * hidden / (anchor.axis("tokens") * anchor.axis("top_k") * anchor.axis("hidden"));
  const TimeEstimate there = estimate_of(anchor);
  if (load == 1.0 && anchor.axis("ep") == ep) return there;
  const double start = std::min(value("low_latency_start"), there.seconds);
  TimeEstimate out = scaled(there, (start + (there.seconds - start) * load) / there.seconds);
  out.provenance = std::max(out.provenance, Provenance::derived);
  out.grade = anchor.axis("ep") == ep ? Grade::held : Grade::carried;
  return out;
}

void CalibrationProfile::add_collective(const Entry& entry) {
  auto at = std::find_if(collectives_.begin(), collectives_.end(),
                         [&](const CollectiveCurves& curves) { return curves.op() == entry.op; });
  if (at == collectives_.end()) at = collectives_.insert(collectives_.end(), CollectiveCurves(entry.op));
  at->add(entry.axis("num_gpus"), {entry.axis("bytes"), estimate_of(entry)});
}

std::optional<TimeEstimate> CalibrationProfile::nccl_time(TimedOperator op, int num_gpus, Bytes bytes) const {
  if (!is_collective(op)) fail(fmt::format("{} is no collective", enum_name(op)), "ask for all_reduce");
  for (const auto& curves : collectives_) {
    if (curves.op() == op) return curves.estimate(num_gpus, bytes.value());
  }
  return std::nullopt;
}

const Entry& CalibrationProfile::link(std::string_view name) const {
  std::vector<std::string> names;
  for (const auto& entry : entries_) {
    if (entry.op != TimedOperator::link) continue;
    if (entry.name == name) return entry;
    names.push_back(entry.name);
  }
  fail(fmt::format("no link '{}'", name), fmt::format("known: {}", fmt::join(names, ", ")));
}

BytesPerSecond CalibrationProfile::link_bandwidth(std::string_view name) const {
  const Entry& entry = link(name);
  if (!entry.bandwidth)
    fail(fmt::format("link '{}' has a latency, not a bandwidth", name),
         "give the entry a bandwidth, e.g. 160 GB/s");
  return *entry.bandwidth;
}

Seconds CalibrationProfile::link_latency(std::string_view name) const {
  const Entry& entry = link(name);
  if (!entry.time)
    fail(fmt::format("link '{}' has a bandwidth, not a latency", name), "give the entry a time, e.g. 2 us");
  return *entry.time;
}

}  // namespace moesim
