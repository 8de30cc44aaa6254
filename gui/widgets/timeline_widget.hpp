#pragma once

#include <QAbstractScrollArea>
#include <QImage>
#include <QRect>
#include <optional>

#include "gui/models/span_scene.hpp"
#include "gui/models/view_state.hpp"
#include "gui/widgets/timeline_axis.hpp"
#include "gui/widgets/timeline_renderer.hpp"
#include "gui/widgets/timeline_rows.hpp"

class QPainter;

namespace moesim::gui {

/// The spans of one result: rows of GPUs and lanes over time, labels at the left, the axis above. Time,
/// ranges and spans that are chosen are those of the ViewState. The picture is drawn on another thread.
class TimelineWidget : public QAbstractScrollArea {
  Q_OBJECT

 public:
  /// `document`: 0 for the first result, 1 for the one it is compared with. `state` must outlive the widget.
  TimelineWidget(ViewState& state, int document, QWidget* parent = nullptr);

  /// Null: nothing. A scene of the same document keeps collapsed and pinned GPUs and where the rows are.
  void setScene(const SpanScenePtr& scene);
  [[nodiscard]] const SpanScenePtr& scene() const { return m_scene; }
  /// Stands above the labels.
  void setTitle(const QString& title);
  /// The width that labels need, and the least that they get: the same for timelines below each other.
  [[nodiscard]] int naturalLabelWidth() const { return m_naturalLabelWidth; }
  void setLeastLabelWidth(int width);

  /// Whether the picture is that of the time and rows that are asked for.
  [[nodiscard]] bool isReady() const;
  [[nodiscard]] const TimelineRows& rows() const { return m_rows; }
  /// Of the body, in coordinates of the viewport.
  [[nodiscard]] TimelineAxis axis() const;
  [[nodiscard]] QRect body() const;
  /// Index into the spans of the timeline of the one that is shown at a point of the viewport, or just
  /// beside.
  [[nodiscard]] std::optional<std::size_t> spanAt(QPoint point) const;
  /// What is shown of it; empty outside of the window of time and rows.
  [[nodiscard]] QRectF rectOf(std::size_t span) const;

  /// At the mouse, or in the middle while it is elsewhere.
  void zoom(double factor);
  /// By a share of what is shown.
  void pan(double share);
  /// To the selected range, else the selected span.
  void zoomToSelection();
  /// Of the GPU under the mouse, else that of the selected span; nothing otherwise.
  void toggleCollapsed();
  void togglePinned();
  void toggleAllCollapsed();
  /// Selects the span `steps` after the selected one in its row, or the first one shown.
  void selectNeighbour(int steps);
  /// Selects the span at the same time `steps` lines below.
  void selectLine(int steps);

 Q_SIGNALS:
  /// isReady() became true.
  void ready();
  /// The labels need another width.
  void labelsChanged();

 protected:
  bool viewportEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void scrollContentsBy(int dx, int dy) override;

 private:
  enum class Drag { none, press, range, pan };

  [[nodiscard]] int axisHeight() const;
  [[nodiscard]] int labelWidth() const;
  [[nodiscard]] int scroll() const;
  [[nodiscard]] TimelineRows::Sizes sizes() const;
  [[nodiscard]] std::optional<std::int32_t> chosenGpu() const;
  [[nodiscard]] std::optional<std::size_t> chosenSpan() const;
  [[nodiscard]] int lineOf(std::size_t span) const;
  [[nodiscard]] std::optional<std::size_t> pickIn(const TimelineLine& line, double x) const;
  void select(std::size_t span, bool bringsIntoView);
  void layoutRows();
  void measureLabels();
  void redraw();
  void takePicture(const QImage& image, const TimelineDrawing& drawing);
  void setHovered(std::optional<std::size_t> span);
  void clickLabel(QPoint point);
  void paintLabels(QPainter& painter) const;
  void paintAxis(QPainter& painter) const;
  void paintPicture(QPainter& painter) const;
  void paintSelections(QPainter& painter) const;

  ViewState& m_state;
  int m_document;
  SpanScenePtr m_scene;
  QString m_title;
  TimelineRows m_rows;
  bool m_isFitted = false;  // rows were collapsed as far as needed for the first time
  int m_naturalLabelWidth = 0;
  int m_leastLabelWidth = 0;
  TimelineRenderer m_renderer;
  QImage m_picture;
  TimeRange m_pictureRange;
  bool m_isPictureWhole = false;
  std::optional<std::size_t> m_hovered;
  Drag m_drag = Drag::none;
  QPoint m_pressedAt;
  QPoint m_draggedTo;
};

}  // namespace moesim::gui
