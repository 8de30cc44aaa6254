#include <QAction>
#include <QApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QSettings>
#include <algorithm>

#include "gui/views/view_kinds.hpp"
#include "gui/widgets/theme.hpp"
#include "gui/windows/main_window.hpp"
#include "gui/windows/picture_export.hpp"
#include "gui/windows/scenario_editor.hpp"
#include "gui/windows/shortcut_sheet.hpp"
#include "gui/windows/start_page.hpp"

namespace moesim::gui {
namespace {

constexpr qsizetype kMaxRecent = 12;
constexpr double kSmallestText = 6;
constexpr double kLargestText = 32;

void scaleText(double factor) {
  QFont font = QApplication::font();
  font.setPointSizeF(std::clamp(font.pointSizeF() * factor, kSmallestText, kLargestText));
  QApplication::setFont(font);
}

}  // namespace

QAction* MainWindow::addAction(QMenu* menu, const QString& text, const QKeySequence& shortcut,
                               const std::function<void()>& act) {
  QAction* action = menu->addAction(text);
  action->setShortcut(shortcut);
  connect(action, &QAction::triggered, this, act);
  return action;
}

void MainWindow::addMenus() {
  addFileMenu();
  addViewMenu();
  addTimeMenu();
  addViewActions();
  QMenu* help = menuBar()->addMenu(tr("&Help"));
  addAction(help, tr("Actions and shortcuts"), QKeySequence(Qt::Key_Question),
            [this] { ShortcutSheet(*this, this).exec(); });
  addAction(help, tr("About moesim"), {}, [this] {
    QMessageBox::about(
        this, tr("About moesim"),
        tr("moesim-gui %1\n\nLooks at results of moesim and runs it.\nGPL-3.0-or-later, because of "
           "QCustomPlot; the simulator is Apache-2.0.")
            .arg(QApplication::applicationVersion()));
  });
}

void MainWindow::addFileMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&File"));
  addAction(menu, tr("Open..."), QKeySequence::Open, [this] { openByDialog(); });
  addAction(menu, tr("Open a folder..."), QKeySequence(tr("Ctrl+Shift+O")), [this] {
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Open a result folder"));
    if (!folder.isEmpty()) open(folder);
  });
  m_recentMenu = menu->addMenu(tr("Open recent"));
  m_recentMenu->setProperty("isListOfFiles", true);
  fillRecentMenu();
  addAction(menu, tr("Open the last one again"), QKeySequence(tr("Ctrl+Shift+T")), [this] {
    const QStringList recent = recentFiles();
    if (!recent.isEmpty()) open(recent.constFirst());
  });
  addAction(menu, tr("Reload"), QKeySequence::Refresh, [this] { reload(); });
  addAction(menu, tr("Close the result"), QKeySequence::Close, [this] { closeDocument(); });
  menu->addSeparator();
  addAction(menu, tr("Export the view..."), QKeySequence(tr("Ctrl+E")), [this] { exportView(); });
  menu->addSeparator();
  addAction(menu, tr("Quit"), QKeySequence::Quit, [this] { close(); });
}

void MainWindow::addViewMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&View"));
  addAction(menu, tr("Start"), QKeySequence(tr("Alt+1")), [this] { raiseView(QStringLiteral("start")); });
  addAction(menu, tr("Scenario"), QKeySequence(tr("Alt+2")),
            [this] { raiseView(QStringLiteral("scenario")); });
  for (const ViewKind& kind : viewKinds()) {
    const QString name = QString::fromLatin1(kind.name);
    addAction(menu, tr(kind.title), QKeySequence(QString::fromLatin1(kind.shortcut)), [this, name] {
      raiseView(name);
    })->setToolTip(tr(kind.doc));
  }
  menu->addSeparator();
  addAction(menu, tr("Colours of the system"), {}, [this] { useColors(ColorScheme::system); });
  addAction(menu, tr("Light"), QKeySequence(tr("Ctrl+Shift+L")), [this] { useColors(ColorScheme::light); });
  addAction(menu, tr("Dark"), QKeySequence(tr("Ctrl+Shift+D")), [this] { useColors(ColorScheme::dark); });
  menu->addSeparator();
  addAction(menu, tr("Larger text"), QKeySequence::ZoomIn, [] { scaleText(1.1); });
  addAction(menu, tr("Smaller text"), QKeySequence::ZoomOut, [] { scaleText(1 / 1.1); });
  addAction(menu, tr("Docks as at first"), {}, [this] { resetLayout(); });
}

void MainWindow::addTimeMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&Time"));
  addAction(menu, tr("Show all"), QKeySequence(Qt::Key_Home), [this] { m_state.fit(); });
  addAction(menu, tr("Undo the zoom"), QKeySequence::Undo, [this] { m_state.undoZoom(); });
  addAction(menu, tr("Redo the zoom"), QKeySequence::Redo, [this] { m_state.redoZoom(); });
  addAction(menu, tr("Zoom to the selection"), QKeySequence(tr("Ctrl+F")), [this] {
    if (m_state.selectedRange()) m_state.setTimeRange(*m_state.selectedRange());
  });
  addAction(menu, tr("Select nothing"), QKeySequence(Qt::Key_Escape), [this] {
    m_state.setSelectedRange({});
    m_state.setSelectedSpan({});
    m_state.setElement(-1);
  });
}

void MainWindow::addViewActions() {
  for (const View* view : m_views) {
    if (view->actions().isEmpty()) continue;
    QMenu* menu = menuBar()->addMenu(tr(viewKinds()[static_cast<std::size_t>(m_views.indexOf(view))].title));
    menu->addActions(view->actions());
  }
  QMenu* scenario = menuBar()->addMenu(tr("&Scenario"));
  scenario->addActions(m_editor->actions());
}

QStringList MainWindow::recentFiles() {
  return QSettings().value(QStringLiteral("recent")).toStringList();
}

void MainWindow::addRecent(const QString& path) {
  QStringList recent = recentFiles();
  const QString absolute = QFileInfo(path).absoluteFilePath();
  recent.removeAll(absolute);
  recent.prepend(absolute);
  QSettings().setValue(QStringLiteral("recent"), QStringList(recent.mid(0, kMaxRecent)));
  fillRecentMenu();
  m_start->setRecent(recent);
}

void MainWindow::fillRecentMenu() {
  m_recentMenu->clear();
  for (const QString& path : recentFiles()) m_recentMenu->addAction(path, this, [this, path] { open(path); });
  m_recentMenu->setEnabled(!m_recentMenu->isEmpty());
}

void MainWindow::openByDialog() {
  const QStringList files = QFileDialog::getOpenFileNames(
      this, tr("Open results"), {}, tr("Results (*.moesim *.json *.sweep);;All files (*)"));
  for (const QString& file : files) open(file);
}

void MainWindow::exportView() {
  View* view = currentView();
  if (view == nullptr) return showMessage(tr("No view is shown that could be exported"));
  const QString path = QFileDialog::getSaveFileName(this, tr("Export the view"), {}, exportFilter());
  if (!path.isEmpty()) showMessage(exportWidget(*view, view->csv(), path));
}

void MainWindow::useColors(ColorScheme scheme) {
  setColorScheme(scheme);
  static const char* const kNames[] = {"system", "light", "dark"};
  QSettings().setValue(QStringLiteral("colors"), QString::fromLatin1(kNames[static_cast<int>(scheme)]));
}

}  // namespace moesim::gui
