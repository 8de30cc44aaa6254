#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "calib/profile/profile_file.hpp"

namespace moesim {

/// Timed points of files, and what curves are not made of.
struct SortedEntries {
  std::vector<Entry> points;  ///< isolated, with a time, of an operator that has a row in fit_rules()
  std::vector<Entry> others;
};

/// The entries and the rows of all tables of a file.
SortedEntries sort_entries(const ProfileFile& file);

/// One entry per point, sorted by curve and along it: measured goes before published before derived, then the
/// shortest time. Releases of one kernel differ by as much as repeats of one release, so a point is what the
/// GPU can do. p90 reaches to the longest time of its provenance. Every entry has `time`.
std::vector<Entry> merge_repeated(std::vector<Entry> points);

/// Whether two points lie on one curve: the same but for the axis along it and the time.
bool share_curve(const Entry& a, const Entry& b);

/// What names a point and its curve, as text that does not depend on its time.
std::string point_name(const Entry& entry);
std::string curve_name(const Entry& entry);

}  // namespace moesim
