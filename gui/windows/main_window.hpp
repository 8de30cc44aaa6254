#pragma once

#include <QMainWindow>
#include <QVector>
#include <functional>

#include "gui/models/document_list.hpp"
#include "gui/models/document_loader.hpp"
#include "gui/models/view_state.hpp"
#include "gui/widgets/theme.hpp"

class QComboBox;
class QDockWidget;
class QLabel;
class QProgressBar;
class QToolButton;

namespace moesim::gui {

class ScenarioEditor;
class StartPage;
class View;

/// The window: a dock for each kind of view, the open results above them.
class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  explicit MainWindow(QWidget* parent = nullptr);

  /// Loads in the background and shows the result when it is there.
  void open(const QString& path);
  /// Opens them all; two are compared.
  void openTogether(const QStringList& paths);
  /// Shows a document, e.g. of a run in progress.
  void addDocument(const DocumentPtr& document);
  /// Opens the shown result again from its file.
  void reload();
  /// Closes the shown result.
  void closeDocument();
  /// Compares the first result with that of this row; -1: with none.
  void compareWith(int row);
  /// Shows the result of this row.
  void showDocument(int row);
  /// Shows a shipped scenario or a file in the editor.
  void editScenario(const QString& nameOrPath);
  /// The same, and runs it; its result is opened at the end.
  void runScenario(const QString& nameOrPath);
  /// The view of that name; null where there is none.
  [[nodiscard]] View* view(const QString& name) const;
  void raiseView(const QString& name);
  /// The content of the dock of that name, which the window then lacks and the caller owns; null where there
  /// is none. It must go before the window.
  [[nodiscard]] QWidget* takeContent(const QString& name);
  [[nodiscard]] ViewState& state() { return m_state; }
  [[nodiscard]] const DocumentList& documents() const { return m_documents; }
  [[nodiscard]] bool isLoading() const { return m_loader.isBusy(); }
  /// Absolute paths, the newest first.
  [[nodiscard]] static QStringList recentFiles();
  /// The messages that are shown, the newest last.
  [[nodiscard]] const QStringList& messages() const { return m_messages; }

 Q_SIGNALS:
  void documentOpened(const QString& path);
  void documentFailed(const QString& path, const QString& message);

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void addPages();
  void addViews();
  void addDock(const QString& name, const QString& title, QWidget* content);
  void addToolBar();
  void addMenus();
  void addFileMenu();
  void addViewMenu();
  void addTimeMenu();
  void addViewActions();
  QAction* addAction(QMenu* menu, const QString& text, const QKeySequence& shortcut,
                     const std::function<void()>& act);
  void addRecent(const QString& path);
  void fillRecentMenu();
  void showDocuments();
  void removeDocument(int row);
  void comparePair();
  [[nodiscard]] bool isPageShown() const;
  void raiseFirstView(const RunDocument& document);
  void showMessage(const QString& text);
  void openByDialog();
  void exportView();
  [[nodiscard]] View* currentView() const;
  void useColors(ColorScheme scheme);
  void restoreLayout();
  void resetLayout();

  ViewState m_state;
  DocumentList m_documents;
  DocumentLoader m_loader;
  QVector<QDockWidget*> m_docks;  // of the pages, then of the views
  QVector<View*> m_views;
  StartPage* m_start = nullptr;
  ScenarioEditor* m_editor = nullptr;
  QStringList m_pair;  // two paths that are compared once both are open
  QComboBox* m_firstBox = nullptr;
  QComboBox* m_secondBox = nullptr;
  QProgressBar* m_progress = nullptr;
  QToolButton* m_cancel = nullptr;
  QLabel* m_message = nullptr;
  QMenu* m_recentMenu = nullptr;
  QStringList m_messages;
  QStringList m_shownMessages;
};

}  // namespace moesim::gui
