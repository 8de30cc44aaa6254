#include "calib/fit/carry.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "base/error.hpp"
#include "calib/fit/store_points.hpp"
#include "calib/profile/calibrated_operator.hpp"
#include "calib/profile/claimed_work.hpp"
#include "calib/profile/entry_table.hpp"

namespace moesim {

namespace {

// Least time of an operator, as the lookup of GEMMs takes it.
constexpr double kFloorShare = 0.95;
constexpr double kMostFloor = 10e-6;
// The share of a peak that an operator reaches: this quantile of its points that the peak binds.
constexpr double kReachedQuantile = 0.95;
// Assumed where only short calls were timed, which reach little of any peak.
constexpr double kLeastReached = 0.5;
// A file keeps 4 digits of a time: a time at a peak stays below it.
constexpr double kLeastOfPeaks = 1.001;
constexpr double kTile = 128;
constexpr double kGpusOfNode = 8;

/// Least times of the parts of a call.
struct Parts {
  double compute = 0;
  double memory = 0;
  double link = 0;
};

/// Transfers between nodes, which the network binds.
bool leaves_the_node(const Entry& entry) {
  const auto ep = entry.axes.find("ep");
  return ep != entry.axes.end() && ep->second > kGpusOfNode;
}

Parts parts_of(const Entry& entry, const GpuFacts& gpu) {
  if (leaves_the_node(entry)) return {};
  const ClaimedWork work = claimed_work(entry);
  return {work.flops / gpu.peak_of(entry.format).value(), work.hbm_bytes / gpu.hbm_bandwidth.value(),
          work.link_bytes / gpu.nvlink_bandwidth.value()};
}

/// What an operator reaches on the GPU that it was timed on.
struct Reached {
  double floor = 0;
  double compute = 1;  ///< of peak
  double memory = 1;
  double link = 1;
};

double quantile_or_one(std::vector<double> values) {
  if (values.empty()) return 1;
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(kReachedQuantile * static_cast<double>(values.size() - 1));
  return std::clamp(values[rank], kLeastReached, 1.0);
}

Reached reached_by(const std::vector<const Entry*>& points, const GpuFacts& gpu) {
  double least = time_of(*points.front()).value();
  std::vector<double> compute, memory, link;
  for (const Entry* point : points) {
    const double seconds = time_of(*point).value();
    const Parts parts = parts_of(*point, gpu);
    least = std::min(least, seconds);
    if (parts.link > 0) link.push_back(parts.link / seconds);
    if (parts.compute > parts.memory) compute.push_back(parts.compute / seconds);
    if (parts.memory > parts.compute) memory.push_back(parts.memory / seconds);
  }
  return {std::min(kFloorShare * least, kMostFloor), quantile_or_one(std::move(compute)),
          quantile_or_one(std::move(memory)), quantile_or_one(std::move(link))};
}

/// Waves of 128 x 128 tiles over the SMs, the last one whole, over the tiles' share of a wave.
double wave_loss(const Entry& entry, int num_sms) {
  if (entry.op != TimedOperator::gemm) return 1;
  const double tiles = std::ceil(entry.axis("m") / kTile) * std::ceil(entry.axis("n") / kTile);
  const double waves = tiles / num_sms;
  return std::ceil(waves) / waves;
}

/// A time of which `part` becomes `carried_part`. Parts of a call overlap in part: their squares add up, so
/// what a part of a third of the time does not bind hardly moves it.
double with_part(double seconds, double part, double carried_part, double least_rest) {
  const double rest = std::sqrt(std::max(seconds * seconds - part * part, least_rest * least_rest));
  return std::sqrt(rest * rest + carried_part * carried_part);
}

double carried_seconds(const Entry& entry, const Reached& reached, const GpuFacts& from, const GpuFacts& to) {
  const double seconds = time_of(entry).value();
  const Parts there = parts_of(entry, from), here = parts_of(entry, to);
  if (there.link > 0) return with_part(seconds, there.link / reached.link, here.link / reached.link, 0);
  if (there.compute == 0 && there.memory == 0) return seconds;
  const double memory = here.memory / reached.memory, compute = here.compute / reached.compute;
  if (there.memory / reached.memory > there.compute / reached.compute) {
    const double carried = with_part(seconds, there.memory / reached.memory, memory, reached.floor);
    return std::max(carried, reached.floor + compute);
  }
  const double waves = wave_loss(entry, to.num_sms) / wave_loss(entry, from.num_sms);
  const double above = std::max(seconds - reached.floor, 0.0) * here.compute / there.compute;
  const double waved = from.num_sms == to.num_sms ? above : above * std::clamp(waves, 0.5, 2.0);
  const double memory_there = there.memory / reached.memory;
  return with_part(reached.floor + waved, memory_there, memory, reached.floor);
}

using Groups = std::map<std::string, std::vector<const Entry*>>;

/// The share of the memory bandwidth that the GPU gives: what the best operator reaches. One that reaches
/// less is bound by something else.
double reached_memory(const Groups& groups, const GpuFacts& gpu) {
  double best = 0;
  for (const auto& [name, group] : groups) {
    const double reached = reached_by(group, gpu).memory;
    if (reached < 1) best = std::max(best, reached);
  }
  return best > 0 ? best : 1;
}

/// Points of one operator and format share what they reach.
std::string group_of(const Entry& entry) {
  return std::string(enum_name(entry.op)) + std::string(enum_name(entry.format)) +
         std::string(enum_name(entry.role));
}

/// Links inside a node follow NVLink; those of the network and latencies stay.
Entry carried_link(Entry entry, const GpuFacts& from, const GpuFacts& to) {
  if (entry.bandwidth && entry.name.starts_with("nvlink"))
    entry.bandwidth = BytesPerSecond(entry.bandwidth->value() * to.nvlink_bandwidth.value() /
                                     from.nvlink_bandwidth.value());
  return entry;
}

/// Rates of a constant follow the peaks of the GPUs.
void carry_constants(ProfileFile& profile, const GpuFacts& from, const GpuFacts& to) {
  for (Constant& constant : profile.constants) {
    double factor = 1;
    if (constant.unit == "FLOP/s") factor = to.peak_bf16 / from.peak_bf16;
    if (constant.unit == "B/s") factor = to.hbm_bandwidth / from.hbm_bandwidth;
    if (factor == 1) continue;
    constant.value *= factor;
    for (double& bound : constant.interval) bound *= factor;
    constant.provenance = std::max(constant.provenance, Provenance::derived);
    if (!constant.fallback) continue;
    constant.fallback->value *= factor;
    for (double& bound : constant.fallback->interval) bound *= factor;
  }
}

void drop_unused_sources(ProfileFile& profile) {
  std::set<std::string> used;
  for (const Entry& entry : profile.entries) used.insert(entry.source);
  for (const EntryTable& table : profile.tables) used.insert(table.source);
  for (const Constant& constant : profile.constants) {
    used.insert(constant.sources.begin(), constant.sources.end());
    if (constant.fallback) used.insert(constant.fallback->sources.begin(), constant.fallback->sources.end());
  }
  std::erase_if(profile.sources, [&](const Source& source) { return !used.contains(source.id); });
}

}  // namespace

ProfileFile carry(const ProfileFile& from, const GpuFacts& to) {
  std::vector<Entry> all = from.entries;
  for (const EntryTable& table : from.tables) {
    for (Entry& entry : entries_of(table)) all.push_back(std::move(entry));
  }
  ProfileFile out = from;
  out.gpu = to;
  out.entries.clear();
  out.tables.clear();
  out.held_out.clear();
  out.description = "Carried from " + from.name + " (" + from.gpu.name + ") by the rates of the GPU.";
  Groups groups;
  for (const Entry& entry : all) {
    if (!calibrated_operator(entry).empty() && !entry.bandwidth && to.peak_of(entry.format).value() > 0)
      groups[group_of(entry)].push_back(&entry);
    else if (entry.op == TimedOperator::link)
      out.entries.push_back(carried_link(entry, from.gpu, to));
  }
  std::vector<Entry> points;
  const double memory = reached_memory(groups, from.gpu);
  for (const auto& [name, group] : groups) {
    Reached reached = reached_by(group, from.gpu);
    reached.memory = memory;
    for (const Entry* entry : group) {
      Entry point = *entry;
      // Waves that fit better must not carry a time below the peaks.
      const Parts least = parts_of(*entry, to);
      const double at_peaks = std::max({least.compute, least.memory, least.link});
      point.time =
          Seconds(std::max(carried_seconds(*entry, reached, from.gpu, to), kLeastOfPeaks * at_peaks));
      point.rate.reset();
      point.provenance = std::max(point.provenance, Provenance::derived);
      points.push_back(std::move(point));
    }
  }
  for (Entry& entry : out.entries) entry.provenance = std::max(entry.provenance, Provenance::derived);
  store_points(points, out);
  carry_constants(out, from.gpu, to);
  drop_unused_sources(out);
  if (out.entries.empty() && out.tables.empty())
    throw SpecError(from.name, "/entries", "no point that can be carried to another GPU",
                    "give a profile with isolated operators");
  return out;
}

}  // namespace moesim
