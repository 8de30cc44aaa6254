#pragma once

#include <cstdint>
#include <vector>

namespace moesim {

/// Rows of `groups` groups that add up to groups * `mean` exactly, the busiest having `max_over_mean` times
/// the mean (rounded): a power law of the rank, whose exponent that ratio fixes. The busiest group lies in
/// the middle, so that it is neither first nor last in line. 1 gives equal rows. Throws RunError unless 1 <=
/// max_over_mean <= groups.
std::vector<int> group_rows(int groups, int mean, double max_over_mean);

}  // namespace moesim
