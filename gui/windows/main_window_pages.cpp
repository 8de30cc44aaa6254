#include <QDockWidget>
#include <array>
#include <utility>

#include "gui/windows/main_window.hpp"
#include "gui/windows/scenario_editor.hpp"
#include "gui/windows/start_page.hpp"

namespace moesim::gui {
namespace {

/// The view that tells most of a result, by its kind.
constexpr auto kFirstViews = std::to_array<std::pair<const char*, const char*>>({
    {"training", "timeline"},
    {"routing", "expert-load"},
    {"serving", "throughput"},
    {"sweep", "sweep"},
    {"search", "sweep"},
    {"validation", "validation"},
});

}  // namespace

void MainWindow::addPages() {
  m_start = new StartPage;
  m_start->setRecent(recentFiles());
  connect(m_start, &StartPage::openRequested, this, &MainWindow::open);
  connect(m_start, &StartPage::openDialogRequested, this, &MainWindow::openByDialog);
  connect(m_start, &StartPage::editRequested, this, &MainWindow::editScenario);
  connect(m_start, &StartPage::runRequested, this, &MainWindow::runScenario);
  addDock(QStringLiteral("start"), tr("Start"), m_start);

  m_editor = new ScenarioEditor;
  connect(m_editor, &ScenarioEditor::documentChanged, this, &MainWindow::addDocument);
  connect(m_editor, &ScenarioEditor::message, this, &MainWindow::showMessage);
  connect(m_editor, &ScenarioEditor::finished, this, [this](const QString& folder) {
    removeDocument(m_documents.rowOf({}));
    open(folder);
  });
  addDock(QStringLiteral("scenario"), tr("Scenario"), m_editor);
}

void MainWindow::editScenario(const QString& nameOrPath) {
  m_editor->openScenario(nameOrPath);
  raiseView(QStringLiteral("scenario"));
}

void MainWindow::runScenario(const QString& nameOrPath) {
  if (!m_editor->openScenario(nameOrPath)) return;
  raiseView(QStringLiteral("scenario"));
  m_editor->run();
}

bool MainWindow::isPageShown() const {
  return !m_start->visibleRegion().isEmpty() || !m_editor->visibleRegion().isEmpty();
}

void MainWindow::raiseFirstView(const RunDocument& document) {
  for (const auto& [kind, view] : kFirstViews)
    if (document.kind() == QLatin1String(kind)) return raiseView(QString::fromLatin1(view));
  raiseView(QStringLiteral("summary"));
}

}  // namespace moesim::gui
