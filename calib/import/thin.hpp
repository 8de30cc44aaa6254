#pragma once

#include <vector>

#include "calib/import/kernel_row.hpp"

namespace moesim {

/// A point is left out where its neighbours along the curve give its time within this share.
inline constexpr double kPointTolerance = 0.03;
/// A curve of attention is left out where the curves before it give each of its times from kLongLength tokens
/// on within this share; shorter ones are bound by their launch.
inline constexpr double kCurveTolerance = 0.1;
inline constexpr double kLongLength = 1024;
/// Weights [n, k] that get a curve: columns of a router and more, depth of a hidden size. The others are left
/// to the rule for weights without a curve.
inline constexpr double kLeastColumns = 64;
inline constexpr double kLeastDepth = 256;
inline constexpr double kLeastDepthOfFewColumns = 1024;
inline constexpr double kFewColumns = 256;
inline constexpr double kMostDepth = 16384;
/// Shapes of attention that get a curve: a power of two of heads, few sequences; of usual head widths, 8 KV
/// heads or one for each head. The others are left to the nearest of them.
inline constexpr double kKvHeads = 8;
inline constexpr double kMostSequences = 8;

/// One row per point, sorted: the shortest time, `slowest` the longest. Releases of one kernel differ by as
/// much as repeats of one release, so a point is what the GPU can do.
std::vector<KernelRow> merge_repeated(std::vector<KernelRow> rows);

/// Whether two rows are points of one curve: same operator, format and axes but the one along it.
bool share_curve(const KernelRow& a, const KernelRow& b);

/// The rows that the curves of a profile need to give back the others, in the same order. `rows` merged.
/// GEMMs keep token counts 2^i and 3 x 2^i; one token more costs another wave of tiles, which curves level
/// out.
std::vector<KernelRow> thin(const std::vector<KernelRow>& rows);

}  // namespace moesim
