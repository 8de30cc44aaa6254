#pragma once

#include <QAbstractItemModel>
#include <QString>

namespace moesim::gui {

/// The heading and rows of a table as CSV (RFC 4180); empty for no rows. Cells and headings with data of
/// kCsvRole are written by it, the others as they are displayed.
QString tableCsv(const QAbstractItemModel& model);

}  // namespace moesim::gui
