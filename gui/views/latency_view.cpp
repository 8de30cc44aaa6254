#include "gui/views/latency_view.hpp"

#include <QGridLayout>
#include <QHeaderView>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

#include "gui/models/latency_model.hpp"
#include "gui/widgets/empty_stack.hpp"
#include "gui/widgets/plot_widget.hpp"
#include "gui/widgets/table_csv.hpp"

namespace moesim::gui {
namespace {

const QStringList& latencyKeys() {
  static const QStringList kKeys{QStringLiteral("ttft_s"), QStringLiteral("tpot_s"), QStringLiteral("itl_s"),
                                 QStringLiteral("e2e_s")};
  return kKeys;
}

constexpr int kMaxColumns = 3;

}  // namespace

PlotPicture latencyBars(const QString& key, const RunDocument& first, const RunDocument* second) {
  PlotPicture picture;
  picture.x.categories = latencyStatistics();
  PlotPanel panel;
  panel.y.unit = MetricUnit::seconds;
  panel.y.startsAtZero = true;
  int group = 0;
  for (const RunDocument* document : {&first, second}) {
    if (!document) continue;
    for (const LatencyFigure& figure : latencyFigures(document->result())) {
      if (figure.key != key) continue;
      panel.y.label = figure.name;
      PlotBars bars;
      if (second) bars.name = document->title();
      bars.color = group;
      bars.group = group;
      bars.values = figure.values;
      panel.bars.append(bars);
      const bool isKnown = std::ranges::any_of(
          panel.levels, [&](const PlotLevel& level) { return level.value == figure.limit; });
      if (figure.limit && !isKnown) panel.levels.append({QStringLiteral("SLO"), *figure.limit});
    }
    ++group;
  }
  if (!panel.bars.isEmpty()) picture.panels.append(panel);
  return picture;
}

PlotPicture stepTimePlot(const RunDocument& first, const RunDocument* second) {
  PlotPicture picture;
  picture.x.label = QStringLiteral("time of an iteration");
  picture.x.unit = MetricUnit::seconds;
  PlotPanel panel;
  panel.y.label = QStringLiteral("samples at most as long");
  panel.y.unit = MetricUnit::fraction;
  panel.y.startsAtZero = true;
  for (const RunDocument* document : {&first, second}) {
    int color = 0;
    for (const Series& series : document ? document->series() : std::vector<Series>()) {
      if (!series.name.ends_with("/step_time") || series.unit != "s") continue;
      const Distribution distribution = distributionOf(series.value);
      if (distribution.x.isEmpty()) continue;
      PlotCurve curve;
      curve.name = QString::fromStdString(series.name.substr(0, series.name.rfind('/')));
      if (second) curve.name += QStringLiteral(", %1").arg(document->title());
      curve.color = color++;
      curve.isSecond = document == second;
      curve.mark = PlotMark::steps;
      curve.x = distribution.x;
      curve.y = distribution.share;
      panel.curves.append(curve);
    }
  }
  if (!panel.curves.isEmpty()) picture.panels.append(panel);
  return picture;
}

LatencyView::LatencyView(ViewState& state, QWidget* parent)
    : View(state, parent),
      m_model(new LatencyModel(this)),
      m_distribution(new PlotWidget),
      m_table(new QTableView) {
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins({});
  auto* grid = new QGridLayout;
  grid->setSpacing(2);
  for (int i = 0; i < latencyKeys().size(); ++i) m_bars.append(new PlotWidget(content));
  m_distribution->setParent(content);
  column->addLayout(grid, 1);
  column->addWidget(m_table);
  m_table->setModel(m_model);
  m_table->verticalHeader()->hide();
  m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
  m_table->setWordWrap(false);
  m_table->setAlternatingRowColors(true);
  m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
  m_stack = new EmptyStack(content);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins({});
  layout->addWidget(m_stack);
  m_grid = grid;
  m_distribution->addActionsTo(*this);
  documentsChanged();
}

void LatencyView::documentsChanged() {
  m_model->setDocuments(first(), second());
  QVector<PlotWidget*> shown;
  for (int i = 0; i < m_bars.size(); ++i) {
    m_bars[i]->setPicture(first() ? latencyBars(latencyKeys()[i], *first(), second().get()) : PlotPicture());
    if (!m_bars[i]->picture().panels.isEmpty()) shown.append(m_bars[i]);
  }
  m_distribution->setPicture(first() ? stepTimePlot(*first(), second().get()) : PlotPicture());
  if (!m_distribution->picture().panels.isEmpty()) shown.append(m_distribution);
  arrange(shown);
  m_table->resizeColumnsToContents();
  const int lines = std::min(m_model->rowCount(), 8);
  m_table->setFixedHeight(m_table->horizontalHeader()->sizeHint().height() + 4 +
                          lines * m_table->verticalHeader()->defaultSectionSize());
  m_stack->setEmptyText(emptyText());
}

void LatencyView::arrange(const QVector<PlotWidget*>& shown) {
  QVector<PlotWidget*> all = m_bars;
  all.append(m_distribution);
  for (PlotWidget* plot : all) {
    m_grid->removeWidget(plot);
    plot->setVisible(shown.contains(plot));
  }
  const int columns = shown.size() <= 2 ? 2 : shown.size() == 4 ? 2 : kMaxColumns;
  const auto count = static_cast<int>(shown.size());
  for (int i = 0; i < count; ++i) {
    const int span = i + 1 == count ? columns - i % columns : 1;  // the last one fills its row
    m_grid->addWidget(shown[i], i / columns, i % columns, 1, span);
  }
}

QString LatencyView::csv() const {
  return tableCsv(*m_model);
}

QString LatencyView::emptyText() const {
  if (!first()) return tr("No result is open.\nOpen one with Ctrl+O, drop a file here, or run a scenario.");
  if (m_model->rowCount() > 0 || !m_distribution->picture().panels.isEmpty()) return {};
  return tr(
      "This result has no latencies.\nServing runs have: moesim run deepseek-v3-fleet-512xh800 -o FOLDER.");
}

}  // namespace moesim::gui
