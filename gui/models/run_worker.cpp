#include "gui/models/run_worker.hpp"

#include <QDir>
#include <QFileInfo>
#include <algorithm>
#include <cstring>

#include "gui/models/moesim_program.hpp"

namespace moesim::gui {
namespace {

constexpr int kTellMs = 100;
constexpr qint64 kDocumentMs = 1000;
/// A document takes at most this share of the time, so that the child is not held up.
constexpr qint64 kDocumentShare = 8;
constexpr qsizetype kMaxErrors = 64'000;

QString signalText(int number) {
  const char* name = strsignal(number);
  return name == nullptr ? QString::number(number) : QString::fromLocal8Bit(name);
}

}  // namespace

RunWorker::RunWorker() : m_tell(this), m_kill(this) {
  m_tell.setInterval(kTellMs);
  m_kill.setSingleShot(true);
  connect(&m_tell, &QTimer::timeout, this, &RunWorker::tell);
  connect(&m_kill, &QTimer::timeout, this, [this] {
    if (m_child) m_child->kill();
  });
}

RunWorker::~RunWorker() {
  if (!m_child) return;
  m_child->disconnect(this);
  m_child->kill();
  m_child->waitForFinished(1000);
  if (m_madeOutput) QDir(m_request.output).removeRecursively();
}

void RunWorker::start(const RunRequest& request) {
  m_request = request;
  m_records = std::make_unique<LiveRecords>();
  m_errors.clear();
  m_lastLine.clear();
  m_faults.clear();
  m_isCancelled = false;
  m_hasTold = false;
  const QString program = moesimProgram();
  if (program.isEmpty()) return finish(RunOutcome::Kind::failed, missingProgramText());
  if (!prepareOutput())
    return finish(RunOutcome::Kind::failed, tr("the folder %1 cannot be made").arg(request.output));
  m_child = std::make_unique<QProcess>();
  m_child->setWorkingDirectory(request.folder);
  connect(m_child.get(), &QProcess::readyReadStandardOutput, this, &RunWorker::read);
  connect(m_child.get(), &QProcess::readyReadStandardError, this, &RunWorker::read);
  connect(m_child.get(), &QProcess::finished, this,
          [this](int, QProcess::ExitStatus status) { end(status); });
  connect(m_child.get(), &QProcess::errorOccurred, this, [this, program](QProcess::ProcessError error) {
    if (error == QProcess::FailedToStart)
      finish(RunOutcome::Kind::failed, tr("%1 cannot be started: %2").arg(program, m_child->errorString()));
  });
  m_sinceDocument.start();
  m_documentMs = 0;
  m_tell.start();
  m_child->start(program, QStringList{QStringLiteral("run"), QStringLiteral("-"), QStringLiteral("--events"),
                                      QStringLiteral("-"), QStringLiteral("-o"), request.output} +
                              request.arguments);
  if (!m_child) return;  // it could not be started
  m_child->write(request.scenario);
  m_child->closeWriteChannel();
}

bool RunWorker::prepareOutput() {
  const QFileInfo output(m_request.output);
  m_madeOutput = !output.exists();
  return QDir().mkpath(output.absolutePath());
}

void RunWorker::cancel(int graceMs) {
  if (!m_child || m_child->state() == QProcess::NotRunning) return;
  m_isCancelled = true;
  m_child->terminate();
  m_kill.start(graceMs);
}

void RunWorker::read() {
  m_records->feed(m_child->readAllStandardOutput());
  m_errors.append(m_child->readAllStandardError());
}

void RunWorker::tell() {
  QVector<LiveEvent> events = m_records->takeEvents();
  const LiveEvent* latest = nullptr;
  for (const LiveEvent& event : events) {
    if (event.kind == LiveEvent::Kind::progress) latest = &event;
    if (event.kind == LiveEvent::Kind::error) m_faults.append(event.faults);
    if (event.kind == LiveEvent::Kind::warning || event.kind == LiveEvent::Kind::broken)
      Q_EMIT warning(event.text);
  }
  if (latest != nullptr) Q_EMIT progress(latest->fraction, latest->text);
  if (!m_errors.isEmpty()) {
    if (m_errors.size() > kMaxErrors) m_errors = "...\n" + m_errors.right(kMaxErrors);
    const QString lines = QString::fromUtf8(m_errors).trimmed();
    m_errors.clear();
    if (!lines.isEmpty()) {
      m_lastLine = lines.section(QLatin1Char('\n'), -1);
      Q_EMIT log(lines);
    }
  }
  tellDocument();
}

void RunWorker::tellDocument() {
  const qint64 pause = std::max(kDocumentMs, kDocumentShare * m_documentMs);
  if (!m_records->hasNews() || m_sinceDocument.elapsed() < pause) return;
  QElapsedTimer timer;
  timer.start();
  const DocumentPtr document = m_records->snapshot();
  m_documentMs = timer.elapsed();
  m_sinceDocument.restart();
  m_hasTold = true;
  Q_EMIT documentChanged(document);
}

QString RunWorker::failureText(QProcess::ExitStatus status, int code) const {
  const QString last = m_lastLine.isEmpty() ? QString() : QStringLiteral(": ") + m_lastLine;
  if (status == QProcess::CrashExit)
    return tr("moesim was ended by a signal (%1)%2").arg(signalText(code), last);
  if (!m_faults.isEmpty()) {
    QStringList texts;
    for (const RunFault& fault : m_faults) texts.append(fault.fullText());
    return texts.join(QLatin1Char('\n'));
  }
  if (code != 0) return tr("moesim ended with exit code %1%2").arg(code).arg(last);
  return tr("moesim ended without a result; its output may have been cut off");
}

void RunWorker::end(QProcess::ExitStatus status) {
  read();
  m_records->finish();
  tell();
  const int code = m_child->exitCode();
  if (status == QProcess::NormalExit && code == 0 && m_records->isDone())
    return finish(RunOutcome::Kind::finished, {});
  if (m_hasTold || m_records->hasNews()) {
    m_records->setTitle(m_isCancelled ? tr("cancelled run") : tr("failed run"));
    Q_EMIT documentChanged(m_records->snapshot());
  }
  if (m_isCancelled) return finish(RunOutcome::Kind::cancelled, tr("the run was cancelled"));
  finish(RunOutcome::Kind::failed, failureText(status, code));
}

void RunWorker::finish(RunOutcome::Kind kind, const QString& message) {
  m_tell.stop();
  m_kill.stop();
  RunOutcome outcome{kind, {}, message, m_faults};
  if (kind == RunOutcome::Kind::finished)
    outcome.folder = m_request.output;
  else if (m_madeOutput)
    QDir(m_request.output).removeRecursively();
  m_madeOutput = false;
  if (m_child) m_child.release()->deleteLater();
  m_records = std::make_unique<LiveRecords>();
  Q_EMIT finished(outcome);
}

}  // namespace moesim::gui
