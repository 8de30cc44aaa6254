#pragma once

#include <time.h>

#include <QApplication>
#include <algorithm>

namespace moesim::gui {

/// Widgets need an application; its windows are drawn into memory. Made at the first call.
inline void startOffscreen() {
  static int numWords = 1;
  static char name[] = "moesim-gui-bench";
  static char* words[] = {name, nullptr};
  qputenv("QT_QPA_PLATFORM", "offscreen");
  static const QApplication one(numWords, words);
}

/// Processor time of this thread, ms: other programs do not count.
inline double threadMs() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) * 1e-6;
}

/// How long the GUI thread is ever held between two turns of its event loop.
class LongestTurn {
 public:
  void turn() {
    const double now = threadMs();
    m_ms = std::max(m_ms, now - m_last);
    m_last = now;
  }
  [[nodiscard]] double ms() const { return m_ms; }

 private:
  double m_last = threadMs();
  double m_ms = 0;
};

}  // namespace moesim::gui
