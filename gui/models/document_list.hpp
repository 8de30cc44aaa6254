#pragma once

#include <QAbstractListModel>
#include <QVector>

#include "gui/models/run_document.hpp"

namespace moesim::gui {

/// The open results, one a row.
class DocumentList : public QAbstractListModel {
  Q_OBJECT

 public:
  using QAbstractListModel::QAbstractListModel;

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;

  [[nodiscard]] DocumentPtr document(int row) const { return m_documents.value(row); }
  /// Appends the document, or puts it in place of the one with its path; gives its row.
  int add(const DocumentPtr& document);
  void remove(int row);
  /// The row of the document with that path; -1 where there is none. A run in progress has an empty path.
  [[nodiscard]] int rowOf(const QString& path) const;

 private:
  QVector<DocumentPtr> m_documents;
};

}  // namespace moesim::gui
