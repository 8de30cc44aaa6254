#include "gui/widgets/timeline_renderer.hpp"

#include <QThreadPool>
#include <utility>

#include "gui/models/run_later.hpp"

namespace moesim::gui {

TimelineRenderer::TimelineRenderer(QObject* parent)
    : QObject(parent), m_pool(std::make_unique<QThreadPool>()) {
  m_pool->setMaxThreadCount(1);
}

TimelineRenderer::~TimelineRenderer() {
  m_pool->waitForDone();
}

void TimelineRenderer::draw(const TimelineDrawing& drawing) {
  if (m_isDrawing)
    m_next = drawing;
  else
    start(drawing);
}

void TimelineRenderer::start(const TimelineDrawing& drawing) {
  m_isDrawing = true;
  const auto take = [this, drawing](const QImage& image) {
    m_isDrawing = false;
    if (const auto next = std::exchange(m_next, std::nullopt)) start(*next);
    Q_EMIT drawn(image, drawing);
  };
  runLater(
      *m_pool, this, [drawing] { return drawTimeline(drawing); }, take);
}

}  // namespace moesim::gui
