#include "gui/models/run_process.hpp"

#include "gui/models/run_worker.hpp"

namespace moesim::gui {

RunProcess::RunProcess(QObject* parent) : QObject(parent), m_worker(new RunWorker) {
  qRegisterMetaType<DocumentPtr>();
  qRegisterMetaType<RunOutcome>();
  m_worker->moveToThread(&m_thread);
  connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
  connect(m_worker, &RunWorker::progress, this, &RunProcess::progress);
  connect(m_worker, &RunWorker::warning, this, &RunProcess::warning);
  connect(m_worker, &RunWorker::log, this, &RunProcess::log);
  connect(m_worker, &RunWorker::documentChanged, this, &RunProcess::documentChanged);
  connect(m_worker, &RunWorker::finished, this, [this](const RunOutcome& outcome) {
    m_isRunning = false;
    Q_EMIT finished(outcome);
  });
  m_thread.start();
}

RunProcess::~RunProcess() {
  m_thread.quit();
  m_thread.wait();
}

void RunProcess::start(const RunRequest& request) {
  if (m_isRunning) return;
  m_isRunning = true;
  QMetaObject::invokeMethod(m_worker, [worker = m_worker, request] { worker->start(request); });
}

void RunProcess::cancel(int graceMs) {
  if (!m_isRunning) return;
  QMetaObject::invokeMethod(m_worker, [worker = m_worker, graceMs] { worker->cancel(graceMs); });
}

}  // namespace moesim::gui
