#pragma once

#include <QString>
#include <QStringList>
#include <QWidget>

class QListWidget;
class QSortFilterProxyModel;
class QTableView;

namespace moesim::gui {

class EmptyStack;

/// Where a user begins: recent files, shipped examples, and a word on dropping files.
class StartPage : public QWidget {
  Q_OBJECT

 public:
  explicit StartPage(QWidget* parent = nullptr);
  /// Paths, the newest first.
  void setRecent(const QStringList& paths);
  /// The example that is chosen; empty without one.
  [[nodiscard]] QString currentExample() const;
  void setCurrentExample(const QString& name);

 Q_SIGNALS:
  void openRequested(const QString& path);
  void openDialogRequested();
  /// To run a shipped scenario.
  void runRequested(const QString& scenarioName);
  /// To show a shipped scenario or a file in the editor.
  void editRequested(const QString& scenarioNameOrPath);

 private:
  QWidget* recentPart();
  QWidget* examplePart();

  QListWidget* m_recent = nullptr;
  EmptyStack* m_recentStack = nullptr;
  QSortFilterProxyModel* m_filter = nullptr;
  QTableView* m_examples = nullptr;
};

}  // namespace moesim::gui
