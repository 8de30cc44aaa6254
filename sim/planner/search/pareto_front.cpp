#include "sim/planner/search/pareto_front.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace moesim {

bool dominates(const Tradeoff& a, const Tradeoff& b) {
  return a.x >= b.x && a.y >= b.y && (a.x > b.x || a.y > b.y);
}

std::vector<std::size_t> pareto_front(std::span<const Tradeoff> points) {
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    if (points[a].x != points[b].x) return points[a].x > points[b].x;
    if (points[a].y != points[b].y) return points[a].y > points[b].y;
    return a < b;
  });
  std::vector<std::size_t> front;
  double best = -std::numeric_limits<double>::infinity();
  for (const std::size_t i : order) {
    if (points[i].y <= best) continue;
    best = points[i].y;
    front.push_back(i);
  }
  return front;
}

}  // namespace moesim
