#pragma once

#include <QAbstractTableModel>

#include "gui/models/network_traffic.hpp"

namespace moesim::gui {

/// The busiest links, the fullest first; at most kMaxLinks.
class NetworkModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { kLink, kKind, kLoad, kCopies, kOverMean, kNumColumns };
  static constexpr int kMaxLinks = 200;

  using QAbstractTableModel::QAbstractTableModel;
  /// `isPairs`: what GPUs send to each other, else what goes through the ports of each.
  void setTraffic(const NetworkTraffic& traffic, bool isPairs);
  /// The GPU that sends, -1 for none.
  [[nodiscard]] int gpuAt(int row) const;

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  NetworkTraffic m_traffic;
  QVector<NetworkLink> m_links;
};

}  // namespace moesim::gui
