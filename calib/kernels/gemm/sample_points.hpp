#pragma once

#include <cstdint>
#include <vector>

namespace moesim {

/// An element of an output.
struct SamplePoint {
  int row = 0;
  int column = 0;
};

/// A block of `num_rows` by `num_columns` elements at most: the first and last of each, those beside the
/// edges of tiles (63, 64, 127, 128), and random ones. Empty where rows or columns is 0.
std::vector<SamplePoint> sample_points(int rows, int columns, int num_rows, int num_columns,
                                       std::uint64_t seed);

}  // namespace moesim
