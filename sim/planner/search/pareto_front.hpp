#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace moesim {

/// A point of two figures, both the better the larger.
struct Tradeoff {
  double x = 0;
  double y = 0;
};

/// Whether `a` is at least as good as `b` in both figures and better in one.
bool dominates(const Tradeoff& a, const Tradeoff& b);

/// Indices of the points that no other dominates, by falling x; of equal points the first alone.
/// O(n log n). Numbers are finite.
std::vector<std::size_t> pareto_front(std::span<const Tradeoff> points);

}  // namespace moesim
