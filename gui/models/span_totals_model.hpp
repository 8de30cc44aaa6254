#pragma once

#include <QAbstractTableModel>
#include <QVector>

#include "gui/models/span_scene.hpp"
#include "gui/models/view_state.hpp"
#include "reports/pictures/span_totals.hpp"

namespace moesim::gui {

/// Totals of a range of time of one result, or of two beside each other: a line each for what GPUs do
/// (compute, transfer alone, neither), then for each phase of each lane.
class SpanTotalsModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  struct Side {
    DocumentPtr document;
    pictures::RangeTotals totals;
  };

  using QAbstractTableModel::QAbstractTableModel;
  /// At most two sides.
  void setSides(const QVector<Side>& sides);
  [[nodiscard]] bool isEmpty() const { return m_lines.isEmpty(); }

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  struct Cell {
    double seconds = 0;  ///< of GPUs
    double share = 0;    ///< of all GPUs over the range
    std::size_t numSpans = 0;
  };
  struct Line {
    QString lane;
    QString phase;
    QVector<Cell> cells;  ///< one a side
  };
  Line& line(const QString& lane, const QString& phase);

  QStringList m_titles;
  bool m_isOfRequests = false;  // which have no GPUs
  QVector<Line> m_lines;
};

}  // namespace moesim::gui
