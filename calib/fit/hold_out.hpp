#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "calib/profile/profile.hpp"

namespace moesim {

inline constexpr std::uint64_t kNumFolds = 5;

/// The fold, below kNumFolds, of a point or curve by its name: the same on every machine (FNV-1a of 64 bits).
std::uint64_t fold_of(std::string_view name);

/// Cross-validation: `points`, as merge_repeated() gives them, are split into kNumFolds folds, once by point
/// (kind "points": the rest of each curve is known) and once by curve (kind "curves": shapes without a
/// curve); each fold is predicted by `base` and what the fit rules keep of the others. Kind "all" has both.
/// Kind "all" has both, of collectives the points alone. Operators by calibrated_operator(); a point that
/// nothing answers is not counted.
std::vector<HeldOutError> hold_out(const ProfileFile& base, std::span<const Entry> points);

/// Errors of a profile at `points` that it does not hold itself, timed on its own GPU; kind "all".
std::vector<HeldOutError> check_points(const CalibrationProfile& profile, std::span<const Entry> points);

}  // namespace moesim
