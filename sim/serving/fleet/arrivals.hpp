#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "workloads/requests/request_source.hpp"

namespace moesim {

/// Requests of one run as they come: by their own times, or drawn one after the other by a closed loop.
class Arrivals {
 public:
  /// Those from `from_s` to before `until_s`, both in the time of the workload.
  Arrivals(OpenedWorkload opened, bool closed, double from_s, double until_s);

  /// Of the next request that comes by itself; infinity in closed loops and at the end.
  [[nodiscard]] double next_time() const { return closed_ ? kNever : next_s_; }
  /// The request of next_time().
  void take_due(Request& request);
  /// Closed loop: the next request, sent at `now_s`; false at the end.
  bool draw(double now_s, Request& request);
  /// No request will come any more.
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] const std::vector<std::string>& warnings() const { return opened_.warnings; }

 private:
  static constexpr double kNever = std::numeric_limits<double>::infinity();
  void peek();

  OpenedWorkload opened_;
  bool closed_;
  double from_s_;
  double until_s_;
  Request next_;
  double next_s_ = kNever;
  bool ended_ = false;
};

}  // namespace moesim
