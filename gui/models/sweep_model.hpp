#pragma once

#include <QAbstractTableModel>

#include "gui/models/sweep_cases.hpp"

namespace moesim::gui {

/// The cases of a sweep or a search: name, what is varied, every figure. Failed ones say why in their name's
/// tooltip and last column.
class SweepModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  /// Number or text by which rows are sorted.
  static constexpr int kSortRole = Qt::UserRole;

  using QAbstractTableModel::QAbstractTableModel;
  void setCases(const SweepCases& cases);
  [[nodiscard]] const SweepCases& cases() const { return m_cases; }

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  /// Name, axes, figures, message where any case failed.
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  [[nodiscard]] int figureAt(int column) const;  ///< -1: none
  [[nodiscard]] QString textAt(const SweepLine& line, int column) const;

  SweepCases m_cases;
  QStringList m_labels;
  bool m_hasFailures = false;
};

}  // namespace moesim::gui
