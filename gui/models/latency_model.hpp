#pragma once

#include <QAbstractTableModel>
#include <QVector>

#include "gui/models/latency_figures.hpp"
#include "gui/models/run_document.hpp"

namespace moesim::gui {

/// Latencies of one or two results: a row for each figure and result.
class LatencyModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { kFigure, kResult, kMean, kP50, kP90, kP99, kLimit, kNumColumns };

  using QAbstractTableModel::QAbstractTableModel;
  /// Null: no lines.
  void setDocuments(const DocumentPtr& first, const DocumentPtr& second);

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  struct Line {
    LatencyFigure figure;
    QString title;
  };
  QVector<Line> m_lines;
};

}  // namespace moesim::gui
