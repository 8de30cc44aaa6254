#include "gui/windows/scenario_plan_view.hpp"

#include <QHeaderView>
#include <QLabel>
#include <QScrollArea>
#include <QTableView>
#include <QVBoxLayout>
#include <nlohmann/json.hpp>

#include "gui/models/figure_model.hpp"
#include "gui/models/scenario_plan.hpp"
#include "gui/widgets/empty_stack.hpp"
#include "gui/widgets/table_csv.hpp"
#include "gui/windows/scenario_memory_bar.hpp"
#include "gui/windows/scenario_rank_grid.hpp"
#include "gui/windows/scenario_topology.hpp"

namespace moesim::gui {
namespace {

QLabel* heading(const QString& text) {
  auto* label = new QLabel(QStringLiteral("<b>%1</b>").arg(text));
  return label;
}

}  // namespace

QString numFaultsText(int number) {
  return number == 1 ? PlanView::tr("\u26a0 1 fault") : PlanView::tr("\u26a0 %1 faults").arg(number);
}

PlanView::PlanView(QWidget* parent)
    : QWidget(parent),
      m_head(new QLabel),
      m_memory(new MemoryBar),
      m_ranks(new RankGrid),
      m_topology(new TopologyPreview),
      m_figures(new FigureModel(this)),
      m_table(new QTableView) {
  m_head->setWordWrap(true);
  m_head->hide();
  m_stack = new EmptyStack(pictures());
  m_stack->setEmptyText(
      tr("The plan appears here once a scenario is open.\nOpen one with Ctrl+Alt+O, or "
         "choose an example on the start page."));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins({});
  column->addWidget(m_head);
  column->addWidget(m_stack, 1);
}

QWidget* PlanView::pictures() {
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  m_memoryPart = {heading(tr("Memory of a GPU")), m_memory};
  m_rankPart = {heading(tr("Ranks")), m_ranks};
  m_topologyPart = {heading(tr("Topology")), m_topology};
  for (const auto& part : {m_memoryPart, m_rankPart, m_topologyPart})
    for (QWidget* widget : part) column->addWidget(widget);
  column->addWidget(heading(tr("Figures of the plan")));
  m_table->setModel(m_figures);
  m_table->verticalHeader()->hide();
  m_table->horizontalHeader()->hide();
  m_table->setShowGrid(false);
  m_table->setAlternatingRowColors(true);
  m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
  m_table->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_table->setColumnHidden(FigureModel::kPublished, true);
  m_table->setColumnHidden(FigureModel::kSource, true);
  column->addWidget(m_table);
  column->addStretch(1);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setWidget(content);
  return scroll;
}

void PlanView::setBusy() {
  m_head->setText(tr("checking the scenario..."));
}

void PlanView::showFigures() {
  m_table->resizeColumnsToContents();
  m_table->resizeRowsToContents();
  int height = 2 * m_table->frameWidth();
  for (int row = 0; row < m_figures->rowCount(); ++row) height += m_table->rowHeight(row);
  m_table->setFixedHeight(height);
}

void PlanView::setAnswer(const PlanAnswer& answer) {
  QStringList lines;
  if (!answer.message.isEmpty()) lines.append(QStringLiteral("\u26a0 ") + answer.message);
  const bool hasPlan = answer.plan != nullptr && answer.plan->is_object() && answer.plan->contains("model");
  if (!hasPlan && !answer.faults.isEmpty())
    lines.append(tr("%1: there is no plan until that is mended. F8 goes to the next one.")
                     .arg(numFaultsText(static_cast<int>(answer.faults.size()))));
  if (hasPlan) {
    const PlanPicture picture = planPicture(*answer.plan);
    for (const RunFault& fault : answer.faults) lines.append(QStringLiteral("\u26a0 ") + fault.fullText());
    for (const QString& warning : picture.warnings) lines.append(warning);
    m_memory->setPicture(picture);
    m_ranks->setPicture(picture);
    m_topology->setPicture(picture);
    for (QWidget* widget : m_memoryPart) widget->setVisible(!picture.memory.isEmpty());
    for (QWidget* widget : m_rankPart) widget->setVisible(!picture.blocks.isEmpty());
    for (QWidget* widget : m_topologyPart) widget->setVisible(!picture.topologies.isEmpty());
    m_figures->setDocument(planFigures(*answer.plan));
    showFigures();
    m_stack->setEmptyText({});
  } else if (m_stack->emptyText().isEmpty()) {
    lines.append(tr("Below is the last plan that could be made."));
  } else {
    m_stack->setEmptyText(tr("There is no plan of this scenario yet."));
  }
  m_stack->setEnabled(hasPlan);
  m_head->setText(lines.join(QLatin1Char('\n')));
  m_head->setVisible(!lines.isEmpty());
}

QString PlanView::csv() const {
  return tableCsv(*m_figures);
}

}  // namespace moesim::gui
