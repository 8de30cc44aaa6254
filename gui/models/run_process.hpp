#pragma once

#include <QByteArray>
#include <QObject>
#include <QString>
#include <QStringList>
#include <QThread>
#include <QVector>

#include "gui/models/run_document.hpp"
#include "gui/models/run_fault.hpp"

namespace moesim::gui {

class RunWorker;

/// What to run.
struct RunRequest {
  QByteArray scenario;    ///< JSON
  QString folder;         ///< where paths in it begin
  QString output;         ///< folder to write
  QStringList arguments;  ///< further options of `moesim run`
};

/// How a run ended.
struct RunOutcome {
  enum class Kind { finished, failed, cancelled };
  Kind kind = Kind::failed;
  QString folder;            ///< with the result, of one that finished
  QString message;           ///< for the user
  QVector<RunFault> faults;  ///< of one that moesim refused or that failed
};

/// `moesim run - --events - -o FOLDER` as a child. Its output is read on another thread; signals come at most
/// ten times a second on the thread of the object, documents at most once a second.
class RunProcess : public QObject {
  Q_OBJECT

 public:
  explicit RunProcess(QObject* parent = nullptr);
  /// Kills a run that goes on.
  ~RunProcess() override;

  /// Does nothing while a run goes on.
  void start(const RunRequest& request);
  /// Asks the child to end, and kills it where it has not after `graceMs`.
  void cancel(int graceMs = 3000);
  [[nodiscard]] bool isRunning() const { return m_isRunning; }

 Q_SIGNALS:
  void progress(double fraction, const QString& what);
  void warning(const QString& text);
  /// Lines of standard error.
  void log(const QString& lines);
  void documentChanged(const moesim::gui::DocumentPtr& document);
  void finished(const moesim::gui::RunOutcome& outcome);

 private:
  QThread m_thread;
  RunWorker* m_worker;
  bool m_isRunning = false;
};

}  // namespace moesim::gui

Q_DECLARE_METATYPE(moesim::gui::RunOutcome)
