#include "gui/windows/scenario_text.hpp"

#include <QFontDatabase>
#include <QLabel>
#include <QPlainTextEdit>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "gui/models/scenario_document.hpp"

namespace moesim::gui {
namespace {

constexpr int kDelayMs = 300;

}  // namespace

ScenarioText::ScenarioText(ScenarioDocument& document, QWidget* parent)
    : QWidget(parent), m_document(document), m_editor(new QPlainTextEdit), m_fault(new QLabel) {
  m_editor->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  m_editor->setTabChangesFocus(true);
  m_editor->setUndoRedoEnabled(true);
  m_editor->setAccessibleName(tr("Scenario as JSON"));
  m_fault->setWordWrap(true);
  m_fault->hide();
  m_delay.setSingleShot(true);
  m_delay.setInterval(kDelayMs);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins({});
  column->addWidget(m_editor, 1);
  column->addWidget(m_fault);
  connect(m_editor, &QPlainTextEdit::textChanged, &m_delay, qOverload<>(&QTimer::start));
  connect(&m_delay, &QTimer::timeout, this, &ScenarioText::take);
  connect(&m_document, &ScenarioDocument::changed, this, &ScenarioText::refresh);
}

bool ScenarioText::take() {
  m_delay.stop();
  m_takes = true;
  const QString fault = m_document.setText(m_editor->toPlainText());
  m_takes = false;
  m_fault->setText(fault.isEmpty() ? QString() : QStringLiteral("\u26a0 ") + fault);
  m_fault->setVisible(!fault.isEmpty());
  return fault.isEmpty();
}

QString ScenarioText::fault() const {
  return m_fault->text();
}

void ScenarioText::refresh() {
  if (m_takes) return;  // it says what is written here
  const QSignalBlocker blocker(m_editor);
  m_delay.stop();
  m_editor->setPlainText(m_document.text());
  m_fault->hide();
  m_fault->clear();
}

}  // namespace moesim::gui
