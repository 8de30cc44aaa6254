#include "gui/views/network_loader.hpp"

#include <QtConcurrent>

#include "gui/models/error_text.hpp"

namespace moesim::gui {

NetworkLoader::NetworkLoader(QObject* parent) : QObject(parent) {
  connect(&m_watcher, &QFutureWatcher<NetworkLoads>::finished, this, [this] {
    if (m_isAsked) {
      begin();
      return;
    }
    m_isRunning = false;
    Q_EMIT loaded(m_watcher.result());
  });
}

NetworkLoader::~NetworkLoader() {
  m_watcher.disconnect();
  m_watcher.waitForFinished();
}

void NetworkLoader::load(const DocumentPtr& first, const DocumentPtr& second,
                         std::optional<std::int64_t> step, int layer) {
  m_wanted = {first, second, step, layer};
  m_isAsked = true;
  if (!m_isRunning) begin();
}

void NetworkLoader::begin() {
  m_isAsked = false;
  m_isRunning = true;
  m_watcher.setFuture(QtConcurrent::run(&NetworkLoader::read, m_wanted));
}

NetworkLoads NetworkLoader::read(const Wanted& wanted) {
  NetworkLoads loads;
  int place = 0;
  for (const DocumentPtr& document : {wanted.first, wanted.second}) {
    NetworkTraffic& traffic = loads.traffic[place++];
    if (!document || !document->hasLoads(kTrafficStream)) continue;
    try {
      const auto cube = document->loads(kTrafficStream);
      if (!cube || cube->empty()) continue;
      traffic = trafficOf(*document, *cube, wanted.step, wanted.layer);
      if (place > 1) continue;
      loads.layers = QVector<int>(cube->layers().begin(), cube->layers().end());
      loads.steps.assign(cube->steps().begin(), cube->steps().end());
      if (wanted.step) loads.step = cube->steps()[cube->step_index(*wanted.step)];
    } catch (...) {
      loads.fault = errorText(std::current_exception());
    }
  }
  return loads;
}

}  // namespace moesim::gui
