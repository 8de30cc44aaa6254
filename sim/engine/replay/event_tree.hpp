#pragma once

#include <cstddef>
#include <limits>
#include <vector>

namespace moesim::replay {

inline constexpr double kNever = std::numeric_limits<double>::infinity();

/// The next event of each of `num_slots` slots in a tree of minima with eight children per node.
/// Of slots with equal times the first comes first. set() and first() cost O(log8 num_slots).
class EventTree {
 public:
  static constexpr std::size_t kFanout = 8;

  /// All slots at kNever.
  void reset(std::size_t num_slots) {
    levels_.clear();
    for (std::size_t n = num_slots; true; n = (n + kFanout - 1) / kFanout) {
      levels_.emplace_back((n + kFanout - 1) / kFanout * kFanout, kNever);
      if (n <= kFanout) break;
    }
    root_ = kNever;
  }

  [[nodiscard]] double operator[](std::size_t slot) const { return levels_[0][slot]; }
  [[nodiscard]] double first_time() const { return root_; }

  /// The first slot whose time is first_time().
  [[nodiscard]] std::size_t first() const {
    std::size_t at = 0;
    for (std::size_t level = levels_.size(); level-- > 0;) {
      const double* child = levels_[level].data() + at * kFanout;
      std::size_t i = 0;
      while (child[i] != root_) ++i;
      at = at * kFanout + i;
    }
    return at;
  }

  void set(std::size_t slot, double time) {
    for (auto& level : levels_) {
      const double old = level[slot];
      if (old == time) return;
      level[slot] = time;
      slot /= kFanout;
      if (&level == &levels_.back()) {
        root_ = least(level.data());
        return;
      }
      const double parent = (&level + 1)->data()[slot];
      if (time >= parent) {
        if (old != parent) return;
        time = least(level.data() + slot * kFanout);
      }
    }
  }

 private:
  static double least(const double* v) {
    const auto min = [](double a, double b) { return a < b ? a : b; };
    return min(min(min(v[0], v[1]), min(v[2], v[3])), min(min(v[4], v[5]), min(v[6], v[7])));
  }

  std::vector<std::vector<double>> levels_;
  double root_ = kNever;
};

}  // namespace moesim::replay
