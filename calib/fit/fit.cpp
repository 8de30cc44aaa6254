#include "calib/fit/fit.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/error.hpp"
#include "calib/fit/fit_rule.hpp"
#include "calib/fit/hold_out.hpp"
#include "calib/fit/store_points.hpp"
#include "calib/fit/timed_points.hpp"
#include "calib/profile/calibrated_operator.hpp"

namespace moesim {

namespace {

void require_same_gpu(const ProfileFile& base, const ProfileFile& file) {
  if (file.gpu.name == base.gpu.name) return;
  throw SpecError(file.name, "/gpu/name",
                  fmt::format("points of '{}' for a profile of '{}'", file.gpu.name, base.gpu.name),
                  "fit the points of one GPU; moesim calibration carry takes a profile to another");
}

/// Sources and constants that `profile` does not have yet.
void add_missing(const ProfileFile& file, ProfileFile& profile) {
  for (const Source& source : file.sources) {
    if (!has_source(profile.sources, source.id)) profile.sources.push_back(source);
  }
  for (const Constant& constant : file.constants) {
    const bool known = std::any_of(profile.constants.begin(), profile.constants.end(),
                                   [&](const Constant& c) { return c.name == constant.name; });
    if (!known) profile.constants.push_back(constant);
  }
}

bool same_entry(const Entry& a, const Entry& b) {
  return a.op == b.op && a.name == b.name && a.phase == b.phase && a.format == b.format && a.role == b.role &&
         a.regime == b.regime && a.axes == b.axes && a.source == b.source && a.kernel == b.kernel &&
         time_of(a) == time_of(b) && a.bandwidth == b.bandwidth;
}

bool is_among(const Entry& entry, const std::vector<Entry>& all) {
  return std::any_of(all.begin(), all.end(), [&](const Entry& other) { return same_entry(entry, other); });
}

using Counts = std::map<std::string, FitCount, std::less<>>;

FitCount& count_of(Counts& counts, const Entry& point) {
  FitCount& count = counts[std::string(calibrated_operator(point))];
  count.name = calibrated_operator(point);
  return count;
}

}  // namespace

ProfileFile fit(const ProfileFile& base, std::span<const ProfileFile> files, FitReport& report) {
  ProfileFile profile = base;
  std::vector<Entry> points, others;
  for (const ProfileFile& file : files) {
    require_same_gpu(base, file);
    add_missing(file, profile);
    SortedEntries sorted = sort_entries(file);
    for (Entry& entry : sorted.others) {
      if (!is_among(entry, profile.entries) && !is_among(entry, others)) others.push_back(std::move(entry));
    }
    for (Entry& entry : sorted.points) {
      if (!is_among(entry, base.entries)) points.push_back(std::move(entry));
    }
  }
  if (points.empty())
    throw SpecError(base.name, "/tables", "no point that curves are made of", "import some");
  Counts counts;
  for (const Entry& point : points) ++count_of(counts, point).read;
  points = merge_repeated(std::move(points));
  for (const Entry& point : points) ++count_of(counts, point).points;
  auto kept = thinned(points, base.gpu);
  for (const Entry& point : kept) ++count_of(counts, point).kept;
  for (auto& [name, count] : counts) report.counts.push_back(std::move(count));
  report.errors = hold_out(profile, points);
  profile.held_out = report.errors;
  kept.insert(kept.end(), others.begin(), others.end());
  store_points(kept, profile);
  return profile;
}

}  // namespace moesim
