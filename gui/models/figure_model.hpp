#pragma once

#include <QAbstractTableModel>
#include <QVector>

#include "gui/models/run_document.hpp"

namespace moesim::gui {

/// The figures of a result as lines: label, value, and what was published where the scenario says it.
class FigureModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { kLabel, kValue, kPublished, kSource, kNumColumns };

  using QAbstractTableModel::QAbstractTableModel;
  /// Null: no lines.
  void setDocument(const DocumentPtr& document);

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  struct Line {
    QString key;  ///< dotted, as in the document
    int depth = 0;
    bool isGroup = false;
    QString texts[kNumColumns];
  };
  void addLines(const RunDocument& document);

  QVector<Line> m_lines;
};

}  // namespace moesim::gui
