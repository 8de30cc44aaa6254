#pragma once

#include <QString>
#include <QVector>
#include <optional>

namespace moesim::gui {

/// How long a run goes on, by its pace of late.
class RunEstimate {
 public:
  void clear() { m_points.clear(); }
  /// The share done at this time, seconds from the start.
  void add(double time, double fraction);
  /// Seconds that are left; nothing before there is a pace.
  [[nodiscard]] std::optional<double> remaining() const;

 private:
  struct Point {
    double time = 0;
    double fraction = 0;
  };
  QVector<Point> m_points;
};

/// "12 s", "3 min 20 s", "2 h 5 min".
QString durationText(double seconds);

}  // namespace moesim::gui
