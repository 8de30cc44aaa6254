#pragma once

#include <Qt>
#include <initializer_list>

class QAbstractItemModel;
class QSplitter;
class QTableView;
class QWidget;

namespace moesim::gui {

/// A table of lines to read: rows as high as their text, none of them numbered, chosen whole.
QTableView* makeLineTable(QAbstractItemModel* model);

/// A table of many rows of one height, of which one is chosen. `sortRole` of the model sorts them once a
/// heading is clicked; -1: they stay as they are.
QTableView* makeRowTable(QAbstractItemModel* model, int sortRole = -1);

/// The chosen row of makeRowTable() as its model counts rows, however they are sorted; -1: none.
int selectedRow(const QTableView& table);
/// Chooses it and brings it into sight; nothing where there is no such row.
void selectRow(QTableView& table, int row);

/// Columns as wide as what they hold, `widest` pixels at most.
void fitColumns(QTableView& table, int widest);

/// A widget with its share of the room.
struct SplitPart {
  QWidget* widget;
  int share;
};
/// Widgets side by side or below each other, none of which can be made to vanish.
QSplitter* makeSplitter(Qt::Orientation orientation, std::initializer_list<SplitPart> parts);

}  // namespace moesim::gui
