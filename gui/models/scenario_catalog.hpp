#pragma once

#include <QAbstractTableModel>
#include <QString>
#include <QVector>

#include "base/json.hpp"

namespace moesim::gui {

/// A scenario that comes with moesim.
struct ShippedScenario {
  QString name;
  QString kind;
  QString what;  ///< one line of its inputs
};

/// One line of what a scenario simulates: "deepseek-v3 on h800-2048: pp 16, ep 64, dualpipe, ...".
QString scenarioLine(const Json& scenario);
/// Whether the file is a scenario in JSON; small files alone are looked at.
bool isScenarioFile(const QString& path);
/// By name; those that cannot be read are left out.
QVector<ShippedScenario> shippedScenarios();

/// Shipped scenarios, one a row.
class ScenarioCatalog : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { kName, kRun, kKind, kWhat, kNumColumns };  ///< a click into kRun is to run it

  explicit ScenarioCatalog(QObject* parent = nullptr);
  explicit ScenarioCatalog(QVector<ShippedScenario> scenarios, QObject* parent = nullptr);

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  QVector<ShippedScenario> m_scenarios;
};

}  // namespace moesim::gui
