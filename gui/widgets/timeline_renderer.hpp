#pragma once

#include <QImage>
#include <QObject>
#include <memory>
#include <optional>

#include "gui/widgets/timeline_picture.hpp"

class QThreadPool;

namespace moesim::gui {

/// Draws timelines on another thread, the latest that was asked for.
class TimelineRenderer : public QObject {
  Q_OBJECT

 public:
  explicit TimelineRenderer(QObject* parent = nullptr);
  ~TimelineRenderer() override;

  /// Puts it in place of one that waits.
  void draw(const TimelineDrawing& drawing);
  [[nodiscard]] bool isBusy() const { return m_isDrawing; }

 Q_SIGNALS:
  void drawn(const QImage& image, const moesim::gui::TimelineDrawing& drawing);

 private:
  void start(const TimelineDrawing& drawing);

  bool m_isDrawing = false;
  std::optional<TimelineDrawing> m_next;
  std::unique_ptr<QThreadPool> m_pool;
};

}  // namespace moesim::gui
