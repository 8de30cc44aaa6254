#include "gui/models/document_loader.hpp"

#include <QElapsedTimer>
#include <QThreadPool>

#include "gui/models/error_text.hpp"

namespace moesim::gui {
namespace {

constexpr int kProgressMs = 50;

}  // namespace

struct DocumentLoader::Outcome {
  DocumentPtr document;
  QString message;
};

DocumentLoader::DocumentLoader(QObject* parent) : QObject(parent), m_pool(std::make_unique<QThreadPool>()) {
  m_pool->setMaxThreadCount(1);
}

DocumentLoader::~DocumentLoader() {
  ++m_round;
  m_pool->waitForDone();
}

void DocumentLoader::load(const QString& path) {
  ++m_pending;
  const int round = m_round;
  m_pool->start([this, path, round] {
    QMetaObject::invokeMethod(
        this, [this, path, outcome = run(path, round)] { finish(path, outcome); }, Qt::QueuedConnection);
  });
}

void DocumentLoader::cancel() {
  ++m_round;
}

DocumentLoader::Outcome DocumentLoader::run(const QString& path, int round) {
  QElapsedTimer timer;
  timer.start();
  try {
    return {RunDocument::load(path,
                              [&](double fraction) {
                                if (timer.elapsed() >= kProgressMs) {
                                  timer.restart();
                                  Q_EMIT progress(path, fraction);
                                }
                                return round == m_round;
                              }),
            {}};
  } catch (...) {
    return {nullptr, errorText(std::current_exception())};
  }
}

void DocumentLoader::finish(const QString& path, const Outcome& outcome) {
  --m_pending;
  if (outcome.document)
    Q_EMIT loaded(path, outcome.document);
  else if (!outcome.message.isEmpty())
    Q_EMIT failed(path, outcome.message);
  else
    Q_EMIT cancelled(path);
}

}  // namespace moesim::gui
