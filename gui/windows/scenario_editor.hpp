#pragma once

#include <QString>
#include <QVector>
#include <QWidget>

#include "gui/models/run_document.hpp"

class QAction;
class QLabel;
class QTabWidget;

namespace moesim::gui {

class PlanProcess;
class PlanView;
class RunPanel;
class ScenarioDocument;
class ScenarioForm;
class ScenarioText;
class SchemaSource;
struct RunOutcome;

/// Edits a scenario by a form and as JSON, shows what its plan says as it changes, and runs it.
class ScenarioEditor : public QWidget {
  Q_OBJECT

 public:
  explicit ScenarioEditor(QWidget* parent = nullptr);
  ~ScenarioEditor() override;

  /// Shows a shipped scenario or a file; asks about changes that are not saved. Whether it is shown.
  bool openScenario(const QString& nameOrPath);
  /// Shows a scenario of no file, with paths that begin in `folder`.
  bool openScenario(const Json& scenario, const QString& name, const QString& folder);
  /// Runs what is shown; does nothing while a run goes on.
  void run();
  void cancelRun();
  [[nodiscard]] bool isRunning() const;
  /// Whether the window may close: asks about changes that are not saved and about a run in progress.
  bool mayClose();
  /// The figures of the plan as CSV; empty without one.
  [[nodiscard]] QString csv() const;
  [[nodiscard]] ScenarioDocument& document() { return *m_document; }
  /// Whether the plan of what is shown is there, or its faults.
  [[nodiscard]] bool isReady() const;

 Q_SIGNALS:
  /// What a run in progress has so far, at most once a second; its path is empty.
  void documentChanged(const moesim::gui::DocumentPtr& document);
  /// A run ended well; its result is in this folder.
  void finished(const QString& folder);
  /// A word for the user, such as why something failed.
  void message(const QString& text);
  /// isReady() became true.
  void ready();

 private:
  void addActions();
  void connectParts();
  QWidget* bar();
  template <class Act>
  QAction* addAction(const QString& text, const QString& shortcut, const Act& act);
  void openByDialog();
  void save();
  void saveAs();
  bool saveTo(const QString& path);
  bool mayDiscard();
  void showTitle();
  void showState();
  void useSchema();
  void changed();
  void end(const RunOutcome& outcome);

  ScenarioDocument* m_document;
  PlanProcess* m_plan;
  ScenarioForm* m_form;
  ScenarioText* m_text;
  PlanView* m_planView;
  RunPanel* m_run;
  SchemaSource* m_schemas;
  QTabWidget* m_tabs;
  QLabel* m_title;
  QLabel* m_state;
  QVector<QAction*> m_barActions;
  QString m_schemaKind;        // of the form
  bool m_hasNoSchema = false;  // and none will come
  int m_numFaults = 0;
};

}  // namespace moesim::gui
