#pragma once

#include <QObject>
#include <QString>
#include <atomic>
#include <memory>

#include "gui/models/run_document.hpp"

class QThreadPool;

namespace moesim::gui {

/// Opens documents off the GUI thread, one after the other. Signals come on the thread of the object.
class DocumentLoader : public QObject {
  Q_OBJECT

 public:
  explicit DocumentLoader(QObject* parent = nullptr);
  /// Ends and waits for what is still loading.
  ~DocumentLoader() override;

  void load(const QString& path);
  /// Ends everything that is loading or waits; cancelled() follows for each.
  void cancel();
  [[nodiscard]] bool isBusy() const { return m_pending > 0; }

 Q_SIGNALS:
  /// At most 20 times a second; `fraction` in [0, 1].
  void progress(const QString& path, double fraction);
  void loaded(const QString& path, moesim::gui::DocumentPtr document);
  void failed(const QString& path, const QString& message);
  void cancelled(const QString& path);

 private:
  struct Outcome;
  Outcome run(const QString& path, int round);
  void finish(const QString& path, const Outcome& outcome);

  std::atomic<int> m_round = 0;  // loads of an earlier round are to end
  int m_pending = 0;
  std::unique_ptr<QThreadPool> m_pool;
};

}  // namespace moesim::gui
