#pragma once

#include <QFutureWatcher>
#include <QObject>
#include <QString>
#include <QVector>
#include <optional>
#include <vector>

#include "gui/models/network_traffic.hpp"

namespace moesim::gui {

/// Traffic of one or two results, with what there is to choose.
struct NetworkLoads {
  NetworkTraffic traffic[2];
  QVector<int> layers;              ///< of the first, ascending
  std::vector<std::int64_t> steps;  ///< that the first recorded, ascending
  std::int64_t step = 0;            ///< the one that is shown
  QString fault;                    ///< why there is none
};

/// Reads and sums traffic off the GUI thread. What was asked last wins.
class NetworkLoader : public QObject {
  Q_OBJECT

 public:
  explicit NetworkLoader(QObject* parent = nullptr);
  /// Waits for what is still read.
  ~NetworkLoader() override;

  /// Null: nothing. `step` nothing: all of them; `layer` -1: all of them.
  void load(const DocumentPtr& first, const DocumentPtr& second, std::optional<std::int64_t> step, int layer);
  [[nodiscard]] bool isBusy() const { return m_isRunning; }

 Q_SIGNALS:
  void loaded(const moesim::gui::NetworkLoads& loads);

 private:
  struct Wanted {
    DocumentPtr first;
    DocumentPtr second;
    std::optional<std::int64_t> step;
    int layer = -1;
  };
  static NetworkLoads read(const Wanted& wanted);
  void begin();

  Wanted m_wanted;
  bool m_isRunning = false;  // until what was read is told
  bool m_isAsked = false;
  QFutureWatcher<NetworkLoads> m_watcher;
};

}  // namespace moesim::gui
