#pragma once

#include <QByteArray>
#include <QObject>
#include <QString>
#include <QTimer>
#include <QVector>
#include <memory>

#include "base/json.hpp"
#include "gui/models/run_fault.hpp"

class QProcess;

namespace moesim::gui {

/// What `moesim plan` says of a scenario.
struct PlanAnswer {
  std::shared_ptr<const Json> plan;  ///< plan document; null where the scenario cannot be read
  QVector<RunFault> faults;          ///< of the scenario or the plan
  QString message;                   ///< why there is no answer at all; else empty
};

/// `moesim plan - --json -` as a child, asked again as a scenario changes: 150 ms after the last change, the
/// child of an earlier one is ended.
class PlanProcess : public QObject {
  Q_OBJECT

 public:
  explicit PlanProcess(QObject* parent = nullptr);
  ~PlanProcess() override;

  /// `folder`: where paths in the scenario begin.
  void check(const QByteArray& scenario, const QString& folder);
  /// Whether an answer is still to come.
  [[nodiscard]] bool isBusy() const { return m_isBusy; }
  /// Forgets what was asked.
  void stop();

 Q_SIGNALS:
  void answered(const moesim::gui::PlanAnswer& answer);

 private:
  void begin();
  void end(int code, bool crashed);
  void answer(const PlanAnswer& answer);

  QTimer m_delay;
  QTimer m_limit;
  QByteArray m_scenario;
  QString m_folder;
  QProcess* m_child = nullptr;
  bool m_isBusy = false;
};

/// The answer of a child that ended with this exit code.
PlanAnswer planAnswer(const QByteArray& output, const QByteArray& errors, int code);

}  // namespace moesim::gui

Q_DECLARE_METATYPE(moesim::gui::PlanAnswer)
