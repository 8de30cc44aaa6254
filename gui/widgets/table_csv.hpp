#pragma once

#include <QAbstractItemModel>
#include <QString>

namespace moesim::gui {

/// The heading and rows of a table as CSV (RFC 4180), texts as they are displayed; empty for no rows.
QString tableCsv(const QAbstractItemModel& model);

}  // namespace moesim::gui
