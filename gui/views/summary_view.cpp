#include "gui/views/summary_view.hpp"

#include <QHeaderView>
#include <QLabel>
#include <QTableView>
#include <QVBoxLayout>
#include <nlohmann/json.hpp>

#include "gui/models/figure_model.hpp"
#include "gui/widgets/empty_stack.hpp"
#include "gui/widgets/line_table.hpp"
#include "gui/widgets/table_csv.hpp"

namespace moesim::gui {
namespace {

/// "deepseek-v3 on h800-2048, training", then warnings, each a line.
QString headText(const RunDocument& document) {
  const Json& result = document.result();
  QString model = document.kind();
  if (result.contains("model") && result["model"].is_string())
    model = QString::fromStdString(result["model"].get<std::string>());
  QString text = QStringLiteral("<b>%1</b>").arg(model.toHtmlEscaped());
  const auto cluster = result.find("cluster");
  if (cluster != result.end() && cluster->is_object() && cluster->contains("name") &&
      (*cluster)["name"].is_string())
    text += QStringLiteral(" on %1").arg(
        QString::fromStdString((*cluster)["name"].get<std::string>()).toHtmlEscaped());
  text += QStringLiteral(", %1").arg(document.kind());
  for (const QString& warning : document.warnings())
    text += QStringLiteral("<br>\u26a0 %1").arg(warning.toHtmlEscaped());
  return text;
}

}  // namespace

SummaryView::SummaryView(ViewState& state, QWidget* parent)
    : View(state, parent),
      m_model(new FigureModel(this)),
      m_head(new QLabel),
      m_table(makeLineTable(m_model)) {
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->addWidget(m_head);
  column->addWidget(m_table, 1);
  m_head->setWordWrap(true);
  m_table->horizontalHeader()->setStretchLastSection(true);
  m_stack = new EmptyStack(content);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins({});
  layout->addWidget(m_stack);
  documentsChanged();
}

void SummaryView::documentsChanged() {
  m_model->setDocument(first());
  if (first()) m_head->setText(headText(*first()));
  if (first() && second())
    m_head->setText(m_head->text() +
                    tr("<br>The figures of %1; those of %2 stand beside them in Compare.")
                        .arg(first()->title().toHtmlEscaped(), second()->title().toHtmlEscaped()));
  m_table->resizeColumnsToContents();
  m_stack->setEmptyText(emptyText());
}

QString SummaryView::csv() const {
  return tableCsv(*m_model);
}

QString SummaryView::emptyText() const {
  if (!first()) return tr("No result is open.\nOpen one with Ctrl+O, drop a file here, or run a scenario.");
  if (m_model->rowCount() == 0) return tr("This file has no summary.");
  return {};
}

}  // namespace moesim::gui
