#include "gui/views/latency_view.hpp"

#include <QGridLayout>
#include <QHeaderView>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

#include "gui/models/latency_model.hpp"
#include "gui/views/curve_csv.hpp"
#include "gui/views/latency_plots.hpp"
#include "gui/widgets/empty_stack.hpp"
#include "gui/widgets/plot_widget.hpp"

namespace moesim::gui {
namespace {

const QStringList& latencyKeys() {
  static const QStringList kKeys{QStringLiteral("ttft_s"), QStringLiteral("tpot_s"), QStringLiteral("itl_s"),
                                 QStringLiteral("e2e_s")};
  return kKeys;
}

constexpr int kMaxColumns = 3;

}  // namespace

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
  for (int i = 0; i < latencyKeys().size(); ++i) m_plots.append(new PlotWidget(content));
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
  for (int i = 0; i < m_plots.size(); ++i) {
    PlotPicture picture;
    if (first()) picture = latencyShares(latencyKeys()[i], *first(), second().get());
    if (first() && picture.panels.isEmpty())
      picture = latencyBars(latencyKeys()[i], *first(), second().get());
    m_plots[i]->setPicture(picture);
    if (!picture.panels.isEmpty()) shown.append(m_plots[i]);
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
  QVector<PlotWidget*> all = m_plots;
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
  return first() ? latencyCsv(*first(), second().get()) : QString();
}

QString LatencyView::emptyText() const {
  if (!first()) return tr("No result is open.\nOpen one with Ctrl+O, drop a file here, or run a scenario.");
  if (m_model->rowCount() > 0 || !m_distribution->picture().panels.isEmpty()) return {};
  return tr(
      "This result has no latencies.\nServing runs have: moesim run deepseek-v3-fleet-512xh800 -o FOLDER.");
}

}  // namespace moesim::gui
