#include "gui/models/document_list.hpp"

namespace moesim::gui {

int DocumentList::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_documents.size());
}

QVariant DocumentList::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
  const RunDocument& document = *m_documents[index.row()];
  if (role == Qt::DisplayRole) return document.title();
  if (role == Qt::ToolTipRole) return QStringLiteral("%1 (%2)").arg(document.path(), document.kind());
  return {};
}

int DocumentList::rowOf(const QString& path) const {
  for (int row = 0; row < m_documents.size(); ++row)
    if (m_documents[row]->path() == path) return row;
  return -1;
}

int DocumentList::add(const DocumentPtr& document) {
  if (const int known = rowOf(document->path()); known >= 0) {
    m_documents[known] = document;
    Q_EMIT dataChanged(index(known), index(known));
    return known;
  }
  const int row = rowCount();
  beginInsertRows({}, row, row);
  m_documents.append(document);
  endInsertRows();
  return row;
}

void DocumentList::remove(int row) {
  if (row < 0 || row >= rowCount()) return;
  beginRemoveRows({}, row, row);
  m_documents.removeAt(row);
  endRemoveRows();
}

}  // namespace moesim::gui
