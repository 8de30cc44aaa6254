#include "gui/widgets/plot_widget.hpp"

#include <QAction>
#include <QVBoxLayout>
#include <array>
#include <cmath>

#include "gui/models/view_state.hpp"
#include "gui/widgets/plot_canvas.hpp"

namespace moesim::gui {
namespace {

constexpr double kMarginX = 0.04;
constexpr qsizetype kMaxZooms = 100;

double forward(double value, bool isLog) {
  return isLog ? std::log10(value) : value;
}

double backward(double value, bool isLog) {
  return isLog ? std::pow(10.0, value) : value;
}

/// The range with `factor` times its length about `at`, moved by `shift` of it.
PlotRange scaled(PlotRange range, bool isLog, double factor, double at, double shift) {
  const double low = forward(range.low, isLog);
  const double high = forward(range.high, isLog);
  const double middle = forward(at, isLog);
  const double move = shift * (high - low);
  return {backward(middle + (low - middle) * factor + move, isLog),
          backward(middle + (high - middle) * factor + move, isLog)};
}

double middleOf(PlotRange range, bool isLog) {
  return backward((forward(range.low, isLog) + forward(range.high, isLog)) / 2, isLog);
}

}  // namespace

PlotWidget::PlotWidget(QWidget* parent) : QWidget(parent), m_canvas(new PlotCanvas(this)) {
  start();
}

PlotWidget::PlotWidget(ViewState& state, QWidget* parent)
    : QWidget(parent), m_canvas(new PlotCanvas(this)), m_state(&state) {
  start();
  connect(&state, &ViewState::timeRangeChanged, this, &PlotWidget::followState);
  connect(&state, &ViewState::selectedRangeChanged, this, &PlotWidget::followSelection);
  connect(&state, &ViewState::hoverTimeChanged, this,
          [this] { m_canvas->setCrosshair(m_state->hoverTime()); });
}

void PlotWidget::start() {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins({});
  layout->addWidget(m_canvas);
  setFocusProxy(m_canvas);
  setMinimumSize(160, 120);
  m_canvas->installEventFilter(this);
}

const PlotPicture& PlotWidget::picture() const {
  return m_canvas->picture();
}

void PlotWidget::setPicture(const PlotPicture& picture, bool fits) {
  const bool isSame = !fits && m_canvas->picture().panels.size() == picture.panels.size();
  m_canvas->setPicture(picture);
  if (m_state) {
    followState();
    followSelection();
    m_canvas->setCrosshair(m_state->hoverTime());
    return;
  }
  if (isSame) return;
  m_undo.clear();
  m_redo.clear();
  fit();
  m_undo.clear();
}

PlotRange PlotWidget::rangeX() const {
  return m_canvas->rangeX();
}

PlotRange PlotWidget::rangeY(int panel) const {
  return m_canvas->rangeY(panel);
}

PlotWidget::Ranges PlotWidget::ranges() const {
  Ranges now{rangeX(), {}};
  for (int i = 0; i < picture().panels.size(); ++i) now.y.append(rangeY(i));
  return now;
}

void PlotWidget::show(const Ranges& ranges) {
  m_canvas->setRangeX(ranges.x);
  for (int i = 0; i < ranges.y.size(); ++i) m_canvas->setRangeY(i, ranges.y[i]);
}

void PlotWidget::push() {
  const Ranges now = ranges();
  if (!m_undo.isEmpty() && m_undo.last() == now) return;
  m_undo.append(now);
  if (m_undo.size() > kMaxZooms) m_undo.removeFirst();
  m_redo.clear();
}

void PlotWidget::setRanges(PlotRange x, const QVector<PlotRange>& y) {
  push();
  show({x, y});
}

void PlotWidget::followState() {
  const TimeRange time = m_state->timeRange();
  const PlotRange x{time.start, time.end};
  m_canvas->setRangeX(x);
  for (int i = 0; i < picture().panels.size(); ++i)
    m_canvas->setRangeY(i, fullRangeY(picture().panels[i], picture().x, x));
}

void PlotWidget::followSelection() {
  const auto range = m_state->selectedRange();
  m_canvas->setBand(range ? std::optional(PlotRange{range->start, range->end}) : std::nullopt);
}

void PlotWidget::fit() {
  if (m_state) {
    m_state->fit();
    return;
  }
  const PlotRange x = fullRangeX(picture(), kMarginX);
  QVector<PlotRange> y;
  for (const PlotPanel& panel : picture().panels) y.append(fullRangeY(panel, picture().x, x));
  setRanges(x, y);
}

void PlotWidget::undoZoom() {
  if (m_state) {
    m_state->undoZoom();
    return;
  }
  if (m_undo.isEmpty()) return;
  m_redo.append(ranges());
  show(m_undo.takeLast());
}

void PlotWidget::redoZoom() {
  if (m_state) {
    m_state->redoZoom();
    return;
  }
  if (m_redo.isEmpty()) return;
  m_undo.append(ranges());
  show(m_redo.takeLast());
}

void PlotWidget::zoomBy(double factor, std::optional<QPointF> at) {
  const bool isLogX = picture().x.isLog;
  const double x = at ? m_canvas->xAt(at->x()) : middleOf(rangeX(), isLogX);
  const PlotRange range = scaled(rangeX(), isLogX, factor, x, 0);
  if (m_state) {
    m_state->setTimeRange({range.low, range.high}, at.has_value());
    return;
  }
  Ranges next{range, {}};
  const int under = at ? m_canvas->panelAt(*at) : -1;
  for (int i = 0; i < picture().panels.size(); ++i) {
    const bool isLog = picture().panels[i].y.isLog;
    const double y = under == i ? m_canvas->yAt(i, at->y()) : middleOf(rangeY(i), isLog);
    const bool staysFull = !picture().panels[i].bars.isEmpty();
    next.y.append(staysFull ? rangeY(i) : scaled(rangeY(i), isLog, factor, y, 0));
  }
  setRanges(next.x, next.y);
}

void PlotWidget::panBy(double part) {
  const PlotRange range = scaled(rangeX(), picture().x.isLog, 1, rangeX().low, part);
  if (m_state)
    m_state->setTimeRange({range.low, range.high}, true);
  else
    setRanges(range, ranges().y);
}

void PlotWidget::pan(QPointF pixels) {
  const QRect first = m_canvas->panelRect(0);
  if (first.width() <= 0) return;
  const PlotRange x = scaled(rangeX(), picture().x.isLog, 1, rangeX().low, -pixels.x() / first.width());
  if (m_state) {
    m_state->setTimeRange({x.low, x.high}, true);
    return;
  }
  Ranges next{x, {}};
  for (int i = 0; i < picture().panels.size(); ++i) {
    const bool staysFull = !picture().panels[i].bars.isEmpty();
    const double shift = staysFull ? 0 : pixels.y() / std::max(1, m_canvas->panelRect(i).height());
    next.y.append(scaled(rangeY(i), picture().panels[i].y.isLog, 1, rangeY(i).low, shift));
  }
  show(next);
}

QPointF PlotWidget::pixelOf(int panel, double x, double y) const {
  return QPointF(m_canvas->pos()) + QPointF(m_canvas->pixelOfX(panel, x), m_canvas->pixelOfY(panel, y));
}

QRect PlotWidget::panelRect(int panel) const {
  return m_canvas->panelRect(panel).translated(m_canvas->pos());
}

void PlotWidget::addActionsTo(QWidget& view) {
  struct Row {
    const char* text;
    const char* key;
    void (PlotWidget::*slot)();
  };
  static constexpr std::array<Row, 7> kRows{{{"Zoom in", "W", &PlotWidget::zoomIn},
                                             {"Zoom out", "S", &PlotWidget::zoomOut},
                                             {"Pan left", "A", &PlotWidget::panLeft},
                                             {"Pan right", "D", &PlotWidget::panRight},
                                             {"Fit", "F", &PlotWidget::fit},
                                             {"Undo zoom", "Backspace", &PlotWidget::undoZoom},
                                             {"Redo zoom", "Shift+Backspace", &PlotWidget::redoZoom}}};
  for (const Row& row : kRows) {
    auto* action = new QAction(tr(row.text), &view);
    action->setShortcut(QKeySequence(QString::fromLatin1(row.key)));
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(action, &QAction::triggered, this, row.slot);
    view.addAction(action);
  }
}

}  // namespace moesim::gui
