#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "calib/profile/profile_file.hpp"

namespace moesim {

/// How the points of one operator were used.
struct FitCount {
  std::string name;        ///< by calibrated_operator()
  std::size_t read = 0;    ///< timed points of the files
  std::size_t points = 0;  ///< different ones of them
  std::size_t kept = 0;    ///< what the profile holds
};

struct FitReport {
  std::vector<FitCount> counts;      ///< by name
  std::vector<HeldOutError> errors;  ///< as the profile holds them
};

/// A profile of `base` (kept as it is) and the points of files: repeated points are merged, what curves give
/// back by themselves is left out, and the error at held-out points is stored. Constants, sources and entries
/// that are no points of curves pass through, once. Throws SpecError for files of different GPUs and without
/// any point.
ProfileFile fit(const ProfileFile& base, std::span<const ProfileFile> files, FitReport& report);

}  // namespace moesim
