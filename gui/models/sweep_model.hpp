#pragma once

#include <QAbstractTableModel>

#include "gui/models/sweep_cases.hpp"

namespace moesim::gui {

/// The cases of a sweep or a search: name, why it failed where any did, what is varied, every figure. Failed
/// ones are grey.
class SweepModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  /// Number or text by which rows are sorted; what has no number comes first.
  static constexpr int kSortRole = Qt::UserRole;

  using QAbstractTableModel::QAbstractTableModel;
  void setCases(const SweepCases& cases);
  [[nodiscard]] const SweepCases& cases() const { return m_cases; }

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  enum class Part { name, message, axis, figure };
  struct Column {
    Part part;
    int index;  ///< of the axis or figure
  };
  [[nodiscard]] Column columnAt(int column) const;
  [[nodiscard]] QString textAt(const SweepLine& line, Column column) const;
  [[nodiscard]] QVariant sortedBy(const SweepLine& line, Column column) const;

  SweepCases m_cases;
  QStringList m_labels;
  bool m_hasFailures = false;
};

}  // namespace moesim::gui
