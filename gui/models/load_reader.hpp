#pragma once

#include <QObject>
#include <QString>
#include <atomic>
#include <memory>
#include <string>

#include "gui/models/load_history.hpp"
#include "gui/models/run_document.hpp"

class QThreadPool;

namespace moesim::gui {

/// Reads load streams off the GUI thread, the latest one asked for. Signals come on the thread of the object.
class LoadReader : public QObject {
  Q_OBJECT

 public:
  explicit LoadReader(QObject* parent = nullptr);
  /// Ends and waits for what is still read.
  ~LoadReader() override;

  /// What was read stays until finished(). Where there is no document, or it has no such stream, history() is
  /// null at once and finished() does not follow.
  void read(const DocumentPtr& document, const std::string& stream);
  [[nodiscard]] bool isBusy() const { return m_isBusy; }
  /// Of the last stream read; null before the first, where it has no rows, and where reading failed.
  [[nodiscard]] const HistoryPtr& history() const { return m_history; }
  /// Why reading failed; empty where it did not.
  [[nodiscard]] const QString& fault() const { return m_fault; }

 Q_SIGNALS:
  /// At most 20 times a second; `fraction` in [0, 1].
  void progress(double fraction);
  void finished();

 private:
  struct Outcome;
  Outcome run(const DocumentPtr& document, const std::string& stream, int round);
  void finish(const Outcome& outcome, int round);

  std::atomic<int> m_round = 0;  // an earlier round is to end
  bool m_isBusy = false;
  HistoryPtr m_history;
  QString m_fault;
  std::unique_ptr<QThreadPool> m_pool;
};

}  // namespace moesim::gui
