// Which attention cores a profile keeps.
#include <algorithm>
#include <cmath>

#include "calib/fit/fit_rule.hpp"

namespace moesim {

namespace {

/// Below so many points nothing is left out: a GPU of one's own is measured at what matters.
constexpr std::size_t kFewPoints = 1000;
/// The usual shape of training, kept whole: one sequence, heads of 128, 8 KV heads or one for each head.
constexpr double kUsualWidth = 128, kUsualKvHeads = 8;

bool is_power_of_two(double number) {
  return std::exp2(std::floor(std::log2(number))) == number;
}
std::size_t exponent(double number) {
  return static_cast<std::size_t>(std::log2(number));
}

/// The place of each point among the lengths that occur. [num_points]
std::vector<std::size_t> length_ranks(std::span<const Entry> points) {
  std::vector<double> lengths;
  for (const Entry& entry : points) lengths.push_back(entry.axis("length"));
  auto sorted = lengths;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<std::size_t> out;
  for (const double length : lengths)
    out.push_back(
        static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), length) - sorted.begin()));
  return out;
}

bool is_usual(const Entry& e) {
  const double kv_heads = e.axis("kv_heads");
  return e.axis("batch") == 1 && e.axis("head_dim") == kUsualWidth &&
         (kv_heads == kUsualKvHeads || kv_heads == e.axis("heads"));
}

bool on_powers(const Entry& e) {
  return is_power_of_two(e.axis("heads")) && is_power_of_two(e.axis("kv_heads")) &&
         is_power_of_two(e.axis("batch"));
}

}  // namespace

/// A lattice of a third of the points whose heads and KV heads are powers of two: every point has kept ones
/// on all sides, and what is kept does not depend on its time.
std::vector<bool> needed_gqa_prefills(std::span<const Entry> points, const GpuFacts& /*gpu*/) {
  if (points.size() < kFewPoints) return std::vector<bool>(points.size(), true);
  const auto ranks = length_ranks(points);
  std::vector<bool> out;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Entry& e = points[i];
    const auto sum = [&] {
      return ranks[i] + exponent(e.axis("batch")) + 2 * exponent(e.axis("heads")) +
             exponent(e.axis("heads") / e.axis("kv_heads"));
    };
    out.push_back(on_powers(e) && (is_usual(e) || sum() % 3 == 0));
  }
  return out;
}

/// A quarter of them.
std::vector<bool> needed_gqa_decodes(std::span<const Entry> points, const GpuFacts& /*gpu*/) {
  if (points.size() < kFewPoints) return std::vector<bool>(points.size(), true);
  const auto ranks = length_ranks(points);
  std::vector<bool> out;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Entry& e = points[i];
    const auto sum = [&] {
      return ranks[i] + 2 * exponent(e.axis("batch")) + exponent(e.axis("heads")) +
             exponent(e.axis("heads") / e.axis("kv_heads"));
    };
    out.push_back(on_powers(e) && sum() % 4 == 0);
  }
  return out;
}

}  // namespace moesim
