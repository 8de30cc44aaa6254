#pragma once

class QAbstractItemModel;
class QTableView;

namespace moesim::gui {

/// A table of lines to read: rows as high as their text, none of them numbered, chosen whole.
QTableView* makeLineTable(QAbstractItemModel* model);

}  // namespace moesim::gui
