#include "gui/models/load_reader.hpp"

#include <QElapsedTimer>
#include <QThreadPool>

#include "gui/models/error_text.hpp"
#include "gui/models/run_later.hpp"

namespace moesim::gui {
namespace {

constexpr int kProgressMs = 50;

}  // namespace

struct LoadReader::Outcome {
  HistoryPtr history;
  QString fault;
};

LoadReader::LoadReader(QObject* parent) : QObject(parent), m_pool(std::make_unique<QThreadPool>()) {
  m_pool->setMaxThreadCount(1);
}

LoadReader::~LoadReader() {
  ++m_round;
  m_pool->waitForDone();
}

void LoadReader::read(const DocumentPtr& document, const std::string& stream) {
  const int round = ++m_round;
  if (!document || !document->hasLoads(stream)) {
    m_isBusy = false;
    m_history.reset();
    m_fault.clear();
    return;
  }
  m_isBusy = true;
  runLater(
      *m_pool, this, [this, document, stream, round] { return run(document, stream, round); },
      [this, round](const Outcome& outcome) { finish(outcome, round); });
}

LoadReader::Outcome LoadReader::run(const DocumentPtr& document, const std::string& stream, int round) {
  QElapsedTimer timer;
  timer.start();
  try {
    auto cube = document->loads(stream, [&](double fraction) {
      if (timer.elapsed() >= kProgressMs) {
        timer.restart();
        Q_EMIT progress(fraction);
      }
      return round == m_round;
    });
    if (!cube || cube->empty() || round != m_round) return {};
    return {std::make_shared<const LoadHistory>(std::move(cube)), {}};
  } catch (...) {
    return {nullptr, errorText(std::current_exception())};
  }
}

void LoadReader::finish(const Outcome& outcome, int round) {
  if (round != m_round) return;
  m_isBusy = false;
  m_history = outcome.history;
  m_fault = outcome.fault;
  Q_EMIT finished();
}

}  // namespace moesim::gui
