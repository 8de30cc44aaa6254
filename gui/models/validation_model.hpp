#pragma once

#include <QAbstractTableModel>

#include "gui/models/validation_figures.hpp"

namespace moesim::gui {

/// Figures of a validation document, one a row.
class ValidationModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column {
    kNumber,
    kCase,
    kRole,
    kFigure,
    kPublished,
    kPredicted,
    kLow,  ///< least and greatest of a range
    kHigh,
    kError,
    kTolerance,
    kStatus,
    kSource,
    kNumColumns
  };
  static constexpr int kSortRole = Qt::UserRole;

  using QAbstractTableModel::QAbstractTableModel;
  void setFigures(const QVector<ValidationFigure>& figures);
  [[nodiscard]] const QVector<ValidationFigure>& figures() const { return m_figures; }

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  QVector<ValidationFigure> m_figures;
};

}  // namespace moesim::gui
