#include "gui/windows/scenario_editor.hpp"

#include <QAction>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QMessageBox>
#include <QSplitter>
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include "gui/models/plan_process.hpp"
#include "gui/models/scenario_document.hpp"
#include "gui/models/schema_source.hpp"
#include "gui/windows/run_panel.hpp"
#include "gui/windows/scenario_form.hpp"
#include "gui/windows/scenario_plan_view.hpp"
#include "gui/windows/scenario_text.hpp"

namespace moesim::gui {

ScenarioEditor::ScenarioEditor(QWidget* parent)
    : QWidget(parent),
      m_document(new ScenarioDocument(this)),
      m_plan(new PlanProcess(this)),
      m_form(new ScenarioForm(*m_document)),
      m_text(new ScenarioText(*m_document)),
      m_planView(new PlanView),
      m_run(new RunPanel),
      m_schemas(new SchemaSource(this)),
      m_tabs(new QTabWidget),
      m_title(new QLabel),
      m_state(new QLabel) {
  addActions();
  m_tabs->addTab(m_form, tr("&Form"));
  m_tabs->addTab(m_text, tr("&JSON"));
  m_tabs->setDocumentMode(true);
  auto* right = new QSplitter(Qt::Vertical);
  right->addWidget(m_planView);
  right->addWidget(m_run);
  right->setStretchFactor(0, 1);
  right->setStretchFactor(1, 0);
  right->setSizes({1000, 1});  // the run as low as it may be
  auto* splitter = new QSplitter(Qt::Horizontal);
  splitter->addWidget(m_tabs);
  splitter->addWidget(right);
  splitter->setStretchFactor(0, 1);
  splitter->setStretchFactor(1, 1);
  for (QSplitter* one : {right, splitter}) one->setChildrenCollapsible(false);
  auto* column = new QVBoxLayout(this);
  column->addWidget(bar());
  column->addWidget(splitter, 1);
  connectParts();
  showTitle();
  m_form->setSchema(nullptr, tr("No scenario is open. Open one with Ctrl+Alt+O, or choose an example on the "
                                "start page."));
}

ScenarioEditor::~ScenarioEditor() = default;

template <class Act>
QAction* ScenarioEditor::addAction(const QString& text, const QString& shortcut, const Act& act) {
  auto* action = new QAction(text, this);
  action->setShortcut(QKeySequence(shortcut));
  action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  const QString keys = action->shortcut().toString(QKeySequence::NativeText);
  action->setToolTip(keys.isEmpty() ? text : QStringLiteral("%1 (%2)").arg(text, keys));
  connect(action, &QAction::triggered, this, act);
  QWidget::addAction(action);
  return action;
}

void ScenarioEditor::addActions() {
  m_barActions.append(
      addAction(tr("Open scenario..."), QStringLiteral("Ctrl+Alt+O"), [this] { openByDialog(); }));
  m_barActions.append(addAction(tr("Save"), QStringLiteral("Ctrl+S"), [this] { save(); }));
  m_barActions.append(addAction(tr("Save as..."), QStringLiteral("Ctrl+Shift+S"), [this] { saveAs(); }));
  QAction* undo =
      addAction(tr("Undo change"), QStringLiteral("Ctrl+Alt+Z"), [this] { m_document->steps().undo(); });
  QAction* redo =
      addAction(tr("Redo change"), QStringLiteral("Ctrl+Alt+Y"), [this] { m_document->steps().redo(); });
  for (QAction* action : {undo, redo}) action->setEnabled(false);
  connect(&m_document->steps(), &QUndoStack::canUndoChanged, undo, &QAction::setEnabled);
  connect(&m_document->steps(), &QUndoStack::canRedoChanged, redo, &QAction::setEnabled);
  m_barActions.append({undo, redo});
  addAction(tr("Run scenario"), QStringLiteral("Ctrl+R"), [this] { this->run(); });
  addAction(tr("Cancel run"), QStringLiteral("Ctrl+."), [this] { cancelRun(); });
  addAction(tr("Find a value"), QStringLiteral("Ctrl+Shift+F"), [this] {
    m_tabs->setCurrentWidget(m_form);
    m_form->goToFilter();
  });
  addAction(tr("Next fault"), QStringLiteral("F8"), [this] {
    m_tabs->setCurrentWidget(m_form);
    m_form->goToFault();
  });
}

QWidget* ScenarioEditor::bar() {
  auto* line = new QWidget;
  auto* row = new QHBoxLayout(line);
  row->setContentsMargins({});
  m_title->setTextFormat(Qt::PlainText);
  QFont font = m_title->font();
  font.setBold(true);
  m_title->setFont(font);
  row->addWidget(m_title);
  row->addWidget(m_state);
  row->addStretch(1);
  for (QAction* action : std::as_const(m_barActions)) {
    auto* button = new QToolButton;
    button->setDefaultAction(action);
    button->setFocusPolicy(Qt::StrongFocus);
    row->addWidget(button);
  }
  return line;
}

void ScenarioEditor::connectParts() {
  connect(m_document, &ScenarioDocument::changed, this, &ScenarioEditor::changed);
  connect(m_document, &ScenarioDocument::titleChanged, this, &ScenarioEditor::showTitle);
  connect(m_plan, &PlanProcess::answered, this, [this](const PlanAnswer& answer) {
    m_numFaults = static_cast<int>(answer.faults.size());
    m_form->setFaults(answer.faults);
    m_planView->setAnswer(answer);
    showState();
    if (isReady()) Q_EMIT ready();
  });
  connect(m_form, &ScenarioForm::built, this, [this] {
    if (isReady()) Q_EMIT ready();
  });
  connect(m_schemas, &SchemaSource::arrived, this, &ScenarioEditor::useSchema);
  connect(m_schemas, &SchemaSource::failed, this, [this](const QString& kind, const QString& text) {
    if (kind == m_document->kind()) {
      m_hasNoSchema = true;
      m_form->setSchema(nullptr, text);
    }
    Q_EMIT message(text);
  });
  connect(m_run, &RunPanel::runRequested, this, &ScenarioEditor::run);
  connect(m_run, &RunPanel::documentChanged, this, &ScenarioEditor::documentChanged);
  connect(m_run, &RunPanel::finished, this, &ScenarioEditor::end);
}

bool ScenarioEditor::openScenario(const QString& nameOrPath) {
  if (!mayDiscard()) return false;
  const QString fault = m_document->load(nameOrPath);
  if (!fault.isEmpty()) Q_EMIT message(fault);
  return fault.isEmpty();
}

bool ScenarioEditor::openScenario(const Json& scenario, const QString& name, const QString& folder) {
  if (!mayDiscard()) return false;
  m_document->take(scenario, name, folder);
  return true;
}

void ScenarioEditor::changed() {
  useSchema();
  m_plan->check(m_document->bytes(), m_document->folder());
  showState();
}

void ScenarioEditor::useSchema() {
  const QString kind = m_document->kind();
  m_hasNoSchema = kind.isEmpty();
  if (kind.isEmpty())
    return m_form->setSchema(nullptr, tr("The scenario says no kind; write it in the tab JSON: "
                                         "\"kind\": \"training\", \"routing\" or \"serving\"."));
  if (const auto schema = m_schemas->schema(kind)) m_form->setSchema(schema);
}

void ScenarioEditor::run() {
  if (m_document->isEmpty() || isRunning()) return;
  if (m_tabs->currentWidget() == m_text && !m_text->take()) return Q_EMIT message(m_text->fault());
  m_run->start(m_document->bytes(), m_document->folder(), m_document->name());
}

void ScenarioEditor::cancelRun() {
  m_run->cancel();
}

bool ScenarioEditor::isRunning() const {
  return m_run->isRunning();
}

void ScenarioEditor::end(const RunOutcome& outcome) {
  if (outcome.kind == RunOutcome::Kind::finished) return Q_EMIT finished(outcome.folder);
  if (!outcome.faults.isEmpty()) m_form->setFaults(outcome.faults);
  Q_EMIT message(outcome.message);
}

QString ScenarioEditor::csv() const {
  return m_planView->csv();
}

bool ScenarioEditor::isReady() const {
  return !m_plan->isBusy() && m_form->isBuilt() &&
         (m_document->isEmpty() || m_hasNoSchema || m_schemas->schema(m_document->kind()) != nullptr);
}

void ScenarioEditor::openByDialog() {
  const QString path = QFileDialog::getOpenFileName(this, tr("Open a scenario"), m_document->folder(),
                                                    tr("Scenarios (*.json);;All files (*)"));
  if (!path.isEmpty()) openScenario(path);
}

bool ScenarioEditor::saveTo(const QString& path) {
  const QString fault = path.isEmpty() ? m_document->save() : m_document->saveAs(path);
  if (fault.isEmpty()) return true;
  Q_EMIT message(fault);
  QMessageBox::warning(this, tr("The scenario was not saved"), fault);
  return false;
}

void ScenarioEditor::save() {
  if (m_document->path().isEmpty()) return saveAs();
  saveTo({});
}

void ScenarioEditor::saveAs() {
  const QString near =
      m_document->path().isEmpty() ? m_document->name() + QStringLiteral(".json") : m_document->path();
  const QString path =
      QFileDialog::getSaveFileName(this, tr("Save the scenario"), near, tr("Scenarios (*.json)"));
  if (!path.isEmpty()) saveTo(path);
}

bool ScenarioEditor::mayDiscard() {
  if (!m_document->isDirty()) return true;
  const auto answer = QMessageBox::question(this, tr("The scenario has changes"),
                                            tr("Save the changes of %1?").arg(m_document->name()),
                                            QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel);
  if (answer == QMessageBox::Save) save();
  return answer == QMessageBox::Discard || (answer == QMessageBox::Save && !m_document->isDirty());
}

bool ScenarioEditor::mayClose() {
  if (isRunning() && QMessageBox::question(this, tr("A run goes on"), tr("End it?")) != QMessageBox::Yes)
    return false;
  return mayDiscard();
}

void ScenarioEditor::showTitle() {
  const QString name = m_document->isEmpty() ? tr("no scenario") : m_document->name();
  m_title->setText(m_document->isDirty() ? name + QStringLiteral(" *") : name);
  m_title->setToolTip(m_document->path().isEmpty() ? tr("of no file of yours; Save as... writes one")
                                                   : m_document->path());
}

void ScenarioEditor::showState() {
  if (m_document->isEmpty()) return m_state->clear();
  if (m_plan->isBusy()) return m_state->setText(tr("checking"));
  m_state->setText(m_numFaults == 0 ? tr("\u2713 valid") : numFaultsText(m_numFaults));
}

}  // namespace moesim::gui
