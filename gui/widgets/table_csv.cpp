#include "gui/widgets/table_csv.hpp"

#include <QStringList>

#include "reports/csv.hpp"

namespace moesim::gui {
namespace {

QString field(const QVariant& value) {
  return QString::fromStdString(csv_field(value.toString().trimmed().toStdString()));
}

}  // namespace

QString tableCsv(const QAbstractItemModel& model) {
  if (model.rowCount() == 0) return {};
  QString text;
  QStringList fields;
  for (int column = 0; column < model.columnCount(); ++column)
    fields.append(field(model.headerData(column, Qt::Horizontal)));
  text += fields.join(QLatin1Char(',')) + QStringLiteral("\r\n");
  for (int row = 0; row < model.rowCount(); ++row) {
    fields.clear();
    for (int column = 0; column < model.columnCount(); ++column)
      fields.append(field(model.index(row, column).data()));
    text += fields.join(QLatin1Char(',')) + QStringLiteral("\r\n");
  }
  return text;
}

}  // namespace moesim::gui
