#include "gui/views/validation_view.hpp"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

#include "gui/models/validation_model.hpp"
#include "gui/widgets/empty_stack.hpp"
#include "gui/widgets/line_table.hpp"
#include "gui/widgets/plot_widget.hpp"
#include "gui/widgets/table_csv.hpp"

namespace moesim::gui {
namespace {

constexpr int kWidestColumn = 320;

}  // namespace

ValidationView::ValidationView(ViewState& state, QWidget* parent)
    : View(state, parent),
      m_model(new ValidationModel(this)),
      m_summary(new QLabel),
      m_group(new QComboBox),
      m_scatter(new PlotWidget),
      m_errors(new PlotWidget),
      m_table(makeRowTable(m_model, ValidationModel::kSortRole)) {
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins({});
  column->setSpacing(2);
  auto* bar = new QHBoxLayout;
  bar->setContentsMargins(6, 4, 6, 0);
  auto* label = new QLabel(tr("&figures"));
  label->setBuddy(m_group);
  bar->addWidget(label);
  bar->addWidget(m_group);
  bar->addWidget(m_summary, 1);
  m_summary->setWordWrap(true);
  m_group->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  column->addLayout(bar);
  QSplitter* plots = makeSplitter(Qt::Horizontal, {{m_scatter, 1}, {m_errors, 1}});
  column->addWidget(makeSplitter(Qt::Vertical, {{plots, 3}, {m_table, 2}}), 1);
  // A range is one text in the table and two numbers in CSV.
  for (const int column : {ValidationModel::kLow, ValidationModel::kHigh})
    m_table->setColumnHidden(column, true);
  m_table->horizontalHeader()->setStretchLastSection(true);
  m_stack = addContent(content);
  m_scatter->addActionsTo(*this);
  connect(m_group, &QComboBox::currentIndexChanged, this, &ValidationView::redraw);
  connect(m_scatter, &PlotWidget::pointClicked, this,
          [this](int, int curve, int index) { chooseFigure(m_scatterPlot, curve, index); });
  connect(m_errors, &PlotWidget::pointClicked, this,
          [this](int, int curve, int index) { chooseFigure(m_errorPlot, curve, index); });
  documentsChanged();
}

void ValidationView::documentsChanged() {
  m_model->setFigures(first() ? validationFigures(first()->result()) : QVector<ValidationFigure>());
  m_second = second() ? validationFigures(second()->result()) : QVector<ValidationFigure>();
  const QStringList groups = validationGroups(m_model->figures());
  const QString chosen = m_group->currentText();
  {
    const QSignalBlocker blocker(m_group);
    m_group->clear();
    m_group->addItems(groups);
    m_group->setCurrentIndex(std::max(0, m_group->findText(chosen)));
  }
  m_summary->setText(first() ? validationSummary(first()->result()) : QString());
  redraw();
  fitColumns(*m_table, kWidestColumn);
  m_stack->setEmptyText(emptyText());
}

void ValidationView::redraw() {
  m_scatterPlot = validationScatter(m_model->figures(), m_second, m_group->currentText());
  m_errorPlot = validationErrors(m_model->figures(), m_second);
  m_scatter->setPicture(m_scatterPlot.picture);
  m_errors->setPicture(m_errorPlot.picture);
}

void ValidationView::chooseFigure(const ValidationPlot& plot, int curve, int index) {
  if (plot.isSecond.value(curve)) return;
  selectRow(*m_table, plot.rows.value(curve).value(index, -1));
}

QString ValidationView::csv() const {
  return tableCsv(*m_table->model());
}

QString ValidationView::emptyText() const {
  if (!first()) return tr("No result is open.\nOpen one with Ctrl+O, drop a file here, or run a scenario.");
  if (m_model->rowCount() > 0) return {};
  return tr(
      "This file compares nothing with published figures.\nmoesim validate DIR --json FILE writes one that "
      "does.");
}

}  // namespace moesim::gui
