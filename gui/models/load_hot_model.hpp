#pragma once

#include <QAbstractTableModel>
#include <QString>
#include <QVector>
#include <cstdint>
#include <optional>

#include "gui/models/load_scene.hpp"

namespace moesim::gui {

/// The hottest experts (slots, GPUs, nodes): each with the step of its largest load, or those of one step.
class LoadHotModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { kElement, kLayer, kStep, kTokens, kOverMean, kSide, kNumColumns };
  struct Row {
    HotCell cell;
    int side = 0;
  };
  /// Rows a side of one step; of all steps there are at most LoadHistory::kMaxPeaks.
  static constexpr std::size_t kMaxRows = 200;

  using QAbstractTableModel::QAbstractTableModel;

  /// `noun` of an element, `titles` of the sides. Null: no rows.
  void setScene(const ScenePtr& scene, const QString& noun, const QStringList& titles);
  /// Those of the steps that the sides show at a column; absent: the peaks of all steps.
  void setColumn(std::optional<int> column);
  [[nodiscard]] const Row& rowAt(int row) const { return m_rows[row]; }

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  void sort(int column, Qt::SortOrder order) override;

 private:
  void fill();
  void sortRows();
  [[nodiscard]] QString textOf(const Row& row, int column) const;

  ScenePtr m_scene;
  QString m_noun;
  QStringList m_titles;
  std::optional<int> m_column;
  int m_sortColumn = kOverMean;
  Qt::SortOrder m_sortOrder = Qt::DescendingOrder;
  QVector<Row> m_rows;
};

}  // namespace moesim::gui
