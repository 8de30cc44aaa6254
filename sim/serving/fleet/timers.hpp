#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <queue>
#include <tuple>
#include <vector>

namespace moesim {

/// In the order in which they happen at one time; events of units come before `landing`, arrivals last.
enum class TimerKind : std::uint8_t {
  measure,      ///< the warm-up is over
  measure_end,  ///< no more requests come
  failure,      ///< index: of the failure
  unit_ready,   ///< index: of the unit
  scaling,      ///< index: of the pool
  sample,       ///< a point of the curves
  landing,      ///< index: slot of the request whose KV cache has come
  replacement,  ///< a closed loop sends its next request
};

struct Timer {
  double time_s = 0;
  TimerKind kind = TimerKind::measure;
  std::int64_t index = 0;
  std::uint32_t attempt = 0;  ///< of the slot or unit when it was set: another one means out of date

  friend bool operator>(const Timer& a, const Timer& b) {
    return std::tie(a.time_s, a.kind, a.index, a.attempt) > std::tie(b.time_s, b.kind, b.index, b.attempt);
  }
};

class Timers {
 public:
  void set(const Timer& timer) { queue_.push(timer); }
  [[nodiscard]] double next_time() const {
    return queue_.empty() ? std::numeric_limits<double>::infinity() : queue_.top().time_s;
  }
  [[nodiscard]] TimerKind next_kind() const { return queue_.top().kind; }
  Timer take() {
    const Timer timer = queue_.top();
    queue_.pop();
    return timer;
  }

 private:
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> queue_;
};

}  // namespace moesim
