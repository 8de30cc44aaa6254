#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QProcess>
#include <QTimer>
#include <memory>

#include "gui/models/live_records.hpp"
#include "gui/models/run_process.hpp"

namespace moesim::gui {

/// The part of RunProcess that lives on its own thread, with the child.
class RunWorker : public QObject {
  Q_OBJECT

 public:
  RunWorker();
  ~RunWorker() override;
  void start(const RunRequest& request);
  void cancel(int graceMs);

 Q_SIGNALS:
  void progress(double fraction, const QString& what);
  void warning(const QString& text);
  void log(const QString& lines);
  void documentChanged(const moesim::gui::DocumentPtr& document);
  void finished(const moesim::gui::RunOutcome& outcome);

 private:
  bool prepareOutput();
  void read();
  void tell();
  void tellDocument();
  void end(QProcess::ExitStatus status);
  void finish(RunOutcome::Kind kind, const QString& message);
  [[nodiscard]] QString failureText(QProcess::ExitStatus status, int code) const;

  RunRequest m_request;
  std::unique_ptr<QProcess> m_child;
  std::unique_ptr<LiveRecords> m_records;
  QTimer m_tell;
  QTimer m_kill;
  QElapsedTimer m_sinceDocument;
  qint64 m_documentMs = 0;  // that the last one took
  QByteArray m_errors;      // of standard error, not told yet
  QString m_lastLine;       // of standard error
  QVector<RunFault> m_faults;
  bool m_isCancelled = false;
  bool m_hasTold = false;  // a document
  bool m_madeOutput = false;
};

}  // namespace moesim::gui
