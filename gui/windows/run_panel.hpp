#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

#include "gui/models/run_estimate.hpp"
#include "gui/models/run_process.hpp"

class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;

namespace moesim::gui {

/// Runs a scenario: where to, progress, remaining time, cancel, and what moesim says.
class RunPanel : public QWidget {
  Q_OBJECT

 public:
  explicit RunPanel(QWidget* parent = nullptr);

  /// Runs the scenario into a new folder below outputFolder(), named after `name` and the time.
  void start(const QByteArray& scenario, const QString& folder, const QString& name);
  void cancel();
  [[nodiscard]] bool isRunning() const { return m_process.isRunning(); }
  /// Where results of runs go.
  [[nodiscard]] QString outputFolder() const;
  void setOutputFolder(const QString& folder);
  [[nodiscard]] QString state() const;
  [[nodiscard]] QString logText() const;

 Q_SIGNALS:
  void runRequested();
  void documentChanged(const moesim::gui::DocumentPtr& document);
  void finished(const moesim::gui::RunOutcome& outcome);

 private:
  QWidget* controls();
  QWidget* outputLine();
  void connectProcess();
  void takeProgress(double fraction, const QString& what);
  void showTime();
  void end(const RunOutcome& outcome);
  void append(const QString& text);
  [[nodiscard]] QString newFolder(const QString& name) const;

  RunProcess m_process;
  RunEstimate m_estimate;
  QElapsedTimer m_time;
  QTimer m_clock;
  QString m_what;
  QPushButton* m_run;
  QPushButton* m_cancel;
  QProgressBar* m_bar;
  QLabel* m_state;
  QLineEdit* m_output;
  QPlainTextEdit* m_log;
};

}  // namespace moesim::gui
