#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace moesim {

/// Says yes at most ten times a second.
class Throttle {
 public:
  using Clock = std::chrono::steady_clock;
  bool due(Clock::time_point now);

 private:
  Clock::time_point last_{};
};

/// "[########......................]  27 %  3 s  replay"; `fraction` beyond [0, 1] is cut.
std::string progress_line(double fraction, std::string_view what, std::chrono::seconds elapsed);

/// A line on a terminal that says how far a run is, once it has lasted for `patience`. It is drawn by a
/// thread of its own, so that time goes on between updates, and wiped at the end.
class ProgressBar {
 public:
  /// Draws on a file descriptor; does nothing where `is_terminal` is false.
  ProgressBar(int descriptor, bool is_terminal, std::chrono::milliseconds patience = std::chrono::seconds(2));
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void update(double fraction, std::string_view what);

 private:
  void draw_until_end();

  int descriptor_;
  std::chrono::milliseconds patience_;
  Throttle::Clock::time_point start_ = Throttle::Clock::now();
  std::mutex mutex_;
  std::condition_variable end_;
  bool ended_ = false;  // these three guarded by mutex_
  double fraction_ = 0;
  std::string what_;
  std::thread drawer_;  // not running where nothing is drawn
};

/// Whether standard error is a terminal that takes control sequences.
bool stderr_is_terminal();

}  // namespace moesim
