#include "calib/kernels/gemm/sample_points.hpp"

#include <algorithm>
#include <array>

#include "base/random.hpp"

namespace moesim {

namespace {

/// At most `wanted` of [0, size), ascending, without repeats.
std::vector<int> sample_indices(int size, int wanted, RandomStream& random) {
  std::vector<int> chosen;
  const auto add = [&](int index) {
    const bool fits = index >= 0 && index < size && static_cast<int>(chosen.size()) < wanted;
    if (fits && std::find(chosen.begin(), chosen.end(), index) == chosen.end()) chosen.push_back(index);
  };
  for (const int index : std::array{0, size - 1, 63, 64, 127, 128}) add(index);
  for (int i = 0; i < 2 * wanted && size > 0; ++i)
    add(static_cast<int>(random.below(static_cast<std::uint64_t>(size))));
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace

std::vector<SamplePoint> sample_points(int rows, int columns, int num_rows, int num_columns,
                                       std::uint64_t seed) {
  RandomStream random(seed, stream_of("gemm_check"));
  const auto chosen_rows = sample_indices(rows, num_rows, random);
  const auto chosen_columns = sample_indices(columns, num_columns, random);
  std::vector<SamplePoint> points;
  for (const int row : chosen_rows)
    for (const int column : chosen_columns) points.push_back({row, column});
  return points;
}

}  // namespace moesim
