#pragma once

#include <algorithm>

namespace moesim {

/// Transfers through `lanes` equal links in order of their coming, as one server: a transfer takes its turn
/// when those before it are through all links together, and itself goes over `own_lanes` of them.
class BandwidthQueue {
 public:
  BandwidthQueue() = default;
  /// `lane_bytes_per_s` above 0.
  BandwidthQueue(double lane_bytes_per_s, double lanes)
      : lane_bytes_per_s_(lane_bytes_per_s), lanes_(std::max(lanes, 1.0)) {}

  /// When a transfer that is ready at `now_s` could begin.
  [[nodiscard]] double start(double now_s) const { return std::max(now_s, free_s_); }
  /// Takes its turn from `start_s`, not before start(); returns when its last byte is through.
  double take(double start_s, double bytes, double own_lanes = 1) {
    free_s_ = start_s + bytes / (lane_bytes_per_s_ * lanes_);
    return start_s + bytes / (lane_bytes_per_s_ * std::clamp(own_lanes, 1.0, lanes_));
  }
  void clear() { free_s_ = 0; }
  [[nodiscard]] double lane_bytes_per_s() const { return lane_bytes_per_s_; }

 private:
  double lane_bytes_per_s_ = 1;
  double lanes_ = 1;
  double free_s_ = 0;
};

}  // namespace moesim
