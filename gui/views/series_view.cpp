#include "gui/views/series_view.hpp"

#include <QLabel>
#include <QSplitter>
#include <QVBoxLayout>

#include "gui/views/curve_csv.hpp"
#include "gui/views/phases_picture.hpp"
#include "gui/views/series_list.hpp"
#include "gui/views/series_picture.hpp"
#include "gui/widgets/empty_stack.hpp"
#include "gui/widgets/plot_csv.hpp"
#include "gui/widgets/plot_scale.hpp"
#include "gui/widgets/plot_widget.hpp"

namespace moesim::gui {

SeriesView::SeriesView(ViewState& state, QWidget* parent)
    : View(state, parent),
      m_rates(new QLabel),
      m_range(new QLabel),
      m_list(new SeriesList),
      m_plot(new PlotWidget(state)),
      m_bars(new PlotWidget) {
  auto* splitter = new QSplitter;
  m_curves = new EmptyStack(m_plot);
  splitter->addWidget(m_list);
  splitter->addWidget(m_curves);
  splitter->addWidget(m_bars);
  splitter->setStretchFactor(0, 0);
  splitter->setStretchFactor(1, 1);
  splitter->setStretchFactor(2, 1);
  splitter->setChildrenCollapsible(false);
  m_rates->setWordWrap(true);
  m_rates->setMargin(6);
  m_rates->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins({});
  column->setSpacing(0);
  column->addWidget(m_rates);
  column->addWidget(splitter, 1);
  column->addWidget(m_range);
  m_range->setWordWrap(true);
  m_range->setMargin(6);
  m_range->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_stack = new EmptyStack(content);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins({});
  layout->addWidget(m_stack);
  m_plot->setObjectName(QStringLiteral("curves"));
  m_bars->setObjectName(QStringLiteral("phases"));
  m_plot->addActionsTo(*this);
  connect(&state, &ViewState::selectedRangeChanged, this, &SeriesView::showRange);
  connect(m_list, &SeriesList::shownChanged, this, &SeriesView::redraw);
  documentsChanged();
}

void SeriesView::documentsChanged() {
  QStringList rates;
  for (const DocumentPtr& document : {first(), second()}) {
    if (!document || ratesText(*document).isEmpty()) continue;
    const QString title =
        second() ? QStringLiteral("<b>%1</b>: ").arg(document->title().toHtmlEscaped()) : QString();
    rates.append(title + ratesText(*document).toHtmlEscaped());
  }
  m_rates->setText(rates.join(QStringLiteral("<br>")));
  m_rates->setVisible(!rates.isEmpty());
  m_list->setNames(seriesNames(first().get(), second().get()));
  redraw();
  m_stack->setEmptyText(emptyText());
}

QStringList SeriesView::shownSeries() const {
  return m_list->shown();
}

void SeriesView::showSeries(const QStringList& names) {
  m_list->setShown(names);
}

void SeriesView::redraw() {
  const bool hasCurves = !m_list->isEmpty();
  m_list->setVisible(hasCurves);
  m_curves->setVisible(hasCurves);
  m_bars->setVisible(!hasCurves);
  if (hasCurves)
    m_plot->setPicture(seriesPicture(*first(), second().get(), shownSeries()));
  else
    m_bars->setPicture(first() ? phasesPicture(*first(), second().get()) : PlotPicture());
  m_curves->setEmptyText(m_plot->picture().panels.isEmpty()
                             ? tr("No curve is chosen.\nTick some of the list at the left.")
                             : QString());
  showRange();
}

void SeriesView::showRange() {
  constexpr int kMaxLines = 12;
  const auto range = state().selectedRange();
  m_range->setVisible(range.has_value() && !m_list->isEmpty());
  if (!m_range->isVisibleTo(this)) return;
  const PlotPicture& picture = m_plot->picture();
  const QStringList texts = rangeTexts(picture, {range->start, range->end}, kMaxLines);
  m_range->setText(QStringLiteral("<b>%1 to %2</b> \u00b7 %3")
                       .arg(valueText(range->start, picture.x), valueText(range->end, picture.x),
                            texts.join(QStringLiteral(" \u00b7 ")).toHtmlEscaped()));
}

QString SeriesView::csv() const {
  if (!first()) return {};
  return m_list->isEmpty() ? pictureCsv(m_bars->picture())
                           : seriesCsv(*first(), second().get(), shownSeries());
}

QString SeriesView::emptyText() const {
  if (!first()) return tr("No result is open.\nOpen one with Ctrl+O, drop a file here, or run a scenario.");
  if (!m_list->isEmpty() || !m_bars->picture().panels.isEmpty()) return {};
  return tr(
      "This result has no curves over time.\nServing and routing runs record them: moesim run SCENARIO -o "
      "FOLDER, "
      "then open the folder.");
}

}  // namespace moesim::gui
