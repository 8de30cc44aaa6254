#include "gui/widgets/timeline_widget.hpp"

#include <QFontMetrics>
#include <QScrollBar>
#include <QtMath>
#include <algorithm>
#include <array>
#include <utility>

#include "gui/widgets/theme.hpp"

namespace moesim::gui {
namespace {

constexpr int kLabelMargin = 6;
constexpr int kReach = 3;  ///< pixels beside a span that still find it

}  // namespace

TimelineWidget::TimelineWidget(ViewState& state, int document, QWidget* parent)
    : QAbstractScrollArea(parent), m_state(state), m_document(document), m_renderer(this) {
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setFocusPolicy(Qt::StrongFocus);
  viewport()->setMouseTracking(true);
  connect(&m_renderer, &TimelineRenderer::drawn, this, &TimelineWidget::takePicture);
  connect(&m_state, &ViewState::timeRangeChanged, this, &TimelineWidget::redraw);
  connect(&m_state, &ViewState::colorByChanged, this, &TimelineWidget::redraw);
  const auto repaint = [this] { viewport()->update(); };
  connect(&m_state, &ViewState::selectedRangeChanged, this, repaint);
  connect(&m_state, &ViewState::hoverTimeChanged, this, repaint);
  connect(&m_state, &ViewState::selectedSpanChanged, this, repaint);
}

void TimelineWidget::setScene(const SpanScenePtr& scene) {
  const bool isOther = !scene || !m_scene || scene->document->path() != m_scene->document->path();
  m_scene = scene;
  m_hovered.reset();
  if (isOther) {
    m_rows.clear();
    m_isFitted = false;
    m_picture = {};
  }
  layoutRows();
}

void TimelineWidget::setTitle(const QString& title) {
  m_title = title;
  viewport()->update();
}

int TimelineWidget::axisHeight() const {
  return fontMetrics().height() + 8;
}

void TimelineWidget::measureLabels() {
  const QFontMetrics metrics = fontMetrics();
  QFont bold = font();
  bold.setBold(true);
  const QFontMetrics boldMetrics(bold);
  int width = boldMetrics.horizontalAdvance(QStringLiteral("rank 00"));
  for (const TimelineLine& line : m_rows.lines())
    width = std::max(width, (line.isHead ? boldMetrics : metrics).horizontalAdvance(line.label));
  // The triangle before, the pin behind.
  const int natural = width + 2 * metrics.height() + 3 * kLabelMargin;
  if (std::exchange(m_naturalLabelWidth, natural) != natural) Q_EMIT labelsChanged();
}

void TimelineWidget::setLeastLabelWidth(int width) {
  if (std::exchange(m_leastLabelWidth, width) != width) redraw();
}

int TimelineWidget::labelWidth() const {
  return std::max(m_naturalLabelWidth, m_leastLabelWidth);
}

QRect TimelineWidget::body() const {
  return viewport()->rect().adjusted(labelWidth(), axisHeight(), 0, 0);
}

TimelineAxis TimelineWidget::axis() const {
  const QRect area = body();
  return {m_state.timeRange(), static_cast<double>(area.left()),
          std::max(1.0, static_cast<double>(area.width()))};
}

int TimelineWidget::scroll() const {
  return verticalScrollBar()->value();
}

TimelineRows::Sizes TimelineWidget::sizes() const {
  return {fontMetrics().height() + 1, std::max(0, viewport()->height() - axisHeight())};
}

void TimelineWidget::layoutRows() {
  if (m_scene && !m_isFitted && viewport()->height() > 2 * axisHeight()) {
    m_rows.fit(*m_scene, sizes());
    m_isFitted = true;
  }
  if (m_scene) m_rows.layout(*m_scene, sizes());
  measureLabels();
  const int room = std::max(0, viewport()->height() - axisHeight() - m_rows.pinnedHeight());
  verticalScrollBar()->setRange(0, std::max(0, m_rows.scrolledHeight() - room));
  verticalScrollBar()->setPageStep(room);
  verticalScrollBar()->setSingleStep(sizes().text);
  redraw();
}

void TimelineWidget::redraw() {
  m_isPictureWhole = false;
  viewport()->update();
  const QRect area = body();
  if (!m_scene || area.width() < 1 || area.height() < 1) return;
  const double scale = devicePixelRatioF();
  const auto scaled = [&](int pixels) { return qRound(pixels * scale); };
  TimelineDrawing drawing;
  drawing.scene = m_scene;
  drawing.colors = TimelineColors(*m_scene, m_state.colorBy(), pictureTheme(palette()));
  const TimeRange range = m_state.timeRange();
  drawing.window = {range.start, range.end, scaled(area.width())};
  drawing.height = scaled(area.height());
  drawing.font = font();
  drawing.scale = scale;
  if (m_hovered) drawing.equals = m_scene->timeline().spans()[*m_hovered];
  for (const TimelineLine& line : m_rows.lines()) {
    const int top = m_rows.topOf(line, scroll());
    if (top + line.height <= (line.isPinned ? 0 : m_rows.pinnedHeight()) || top >= area.height()) continue;
    drawing.strokes.append({line.row, scaled(top), scaled(top + line.height) - scaled(top),
                            line.isPinned ? 0 : scaled(m_rows.pinnedHeight()), line.isComputation});
  }
  m_renderer.draw(drawing);
}

void TimelineWidget::takePicture(const QImage& image, const TimelineDrawing& drawing) {
  m_picture = image;
  m_picture.setDevicePixelRatio(devicePixelRatioF());
  m_pictureRange = {drawing.window.start_s, drawing.window.end_s};
  m_isPictureWhole = !m_renderer.isBusy();
  viewport()->update();
  if (m_isPictureWhole) Q_EMIT ready();
}

bool TimelineWidget::isReady() const {
  return !m_scene || m_isPictureWhole || body().isEmpty();
}

std::optional<std::size_t> TimelineWidget::pickIn(const TimelineLine& line, double x) const {
  const TimelineAxis axis = this->axis();
  const auto pick = [&](const pictures::SpanTimeline& timeline, std::size_t row, double at) {
    std::array<pictures::SpanPixel, 1> pixel;
    timeline.draw(row, {axis.timeOf(at), axis.timeOf(at + 1), 1}, pixel);
    return pixel[0];
  };
  const auto& timeline = m_scene->timeline();
  for (int beside = 0; beside <= kReach; ++beside)
    for (const int at : {beside, -beside}) {
      const pictures::SpanPixel pixel = pick(timeline, line.row, x + at);
      if (pixel.is_touched()) return timeline.rows()[line.row].first + pixel.span;
    }
  return std::nullopt;
}

std::optional<std::size_t> TimelineWidget::spanAt(QPoint point) const {
  const QRect area = body();
  if (!m_scene || !area.contains(point)) return std::nullopt;
  const int at = m_rows.lineAt(point.y() - area.top(), scroll());
  if (at < 0) return std::nullopt;
  return pickIn(m_rows.lines()[at], point.x());
}

int TimelineWidget::lineOf(std::size_t span) const {
  const auto rows = m_scene->timeline().rows();
  for (int i = 0; i < m_rows.lines().size(); ++i) {
    const auto& row = rows[m_rows.lines()[i].row];
    if (row.first <= span && span < row.end) return i;
  }
  return -1;
}

QRectF TimelineWidget::rectOf(std::size_t span) const {
  if (!m_scene || span >= m_scene->timeline().spans().size()) return {};
  const int at = lineOf(span);
  if (at < 0) return {};
  const TimelineLine& line = m_rows.lines()[at];
  const QRectF area = body();
  const Span& shown = m_scene->timeline().spans()[span];
  const double left = std::max(axis().xOf(shown.start_s), area.left() - 2);
  const double right = std::min(axis().xOf(shown.end_s), area.right() + 3);
  const double top = area.top() + m_rows.topOf(line, scroll());
  if (right < left) return {};
  const QRectF rect(left, top, std::max(right - left, 2.0), std::max(line.height - 1, 1));
  const double first = area.top() + (line.isPinned ? 0 : m_rows.pinnedHeight());
  return rect.intersected(QRectF(area.left() - 2, first, area.width() + 4, area.bottom() + 1 - first));
}

}  // namespace moesim::gui
