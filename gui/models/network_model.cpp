#include "gui/models/network_model.hpp"

#include "reports/metric.hpp"

namespace moesim::gui {

void NetworkModel::setTraffic(const NetworkTraffic& traffic, bool isPairs) {
  beginResetModel();
  m_traffic = traffic;
  m_links = (isPairs ? pairLoads(traffic) : portLoads(traffic)).mid(0, kMaxLinks);
  endResetModel();
}

int NetworkModel::gpuAt(int row) const {
  return row >= 0 && row < m_links.size() ? m_links[row].from : -1;
}

int NetworkModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_links.size());
}

int NetworkModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kNumColumns;
}

QVariant NetworkModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
  const NetworkLink& link = m_links[index.row()];
  if (role == Qt::TextAlignmentRole && index.column() >= kLoad)
    return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  switch (index.column()) {
    case kLink:
      return link.to < 0 ? QStringLiteral("GPU %1").arg(link.from)
                         : QStringLiteral("GPU %1 \u2192 GPU %2").arg(link.from).arg(link.to);
    case kKind:
      if (link.to < 0) return portText(link.port, m_traffic);
      return link.port == NetworkPort::nicOut ? QStringLiteral("NIC") : QStringLiteral("NVLink");
    case kLoad:
      return trafficText(link.copies, m_traffic);
    case kCopies:
      return QString::fromStdString(metric_text(static_cast<double>(link.copies), MetricUnit::count));
    case kOverMean:
      return QString::number(link.overMean, 'f', 3);
    default:
      return {};
  }
}

QVariant NetworkModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (role != Qt::DisplayRole || orientation != Qt::Horizontal) return {};
  static const char* const kTitles[kNumColumns] = {"Link", "Kind", "Load", "Copies", "Over mean"};
  return section >= 0 && section < kNumColumns ? QString::fromLatin1(kTitles[section]) : QString();
}

}  // namespace moesim::gui
