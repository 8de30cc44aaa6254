#include "gui/widgets/table_csv.hpp"

#include <QLocale>
#include <QStringList>
#include <cmath>

#include "gui/models/csv_role.hpp"
#include "reports/csv.hpp"

namespace moesim::gui {
namespace {

QString textOf(const QVariant& value) {
  if (value.typeId() != QMetaType::Double) return value.toString().trimmed();
  const double number = value.toDouble();
  return std::isfinite(number) ? QString::number(number, 'g', QLocale::FloatingPointShortest) : QString();
}

/// The data of kCsvRole, or what is displayed where there is none.
template <class DataOf>
QString field(const DataOf& dataOf) {
  const QVariant exact = dataOf(kCsvRole);
  return QString::fromStdString(
      csv_field(textOf(exact.isValid() ? exact : dataOf(Qt::DisplayRole)).toStdString()));
}

}  // namespace

QString tableCsv(const QAbstractItemModel& model) {
  if (model.rowCount() == 0) return {};
  QString text;
  QStringList fields;
  for (int column = 0; column < model.columnCount(); ++column)
    fields.append(field([&](int role) { return model.headerData(column, Qt::Horizontal, role); }));
  text += fields.join(QLatin1Char(',')) + QStringLiteral("\r\n");
  for (int row = 0; row < model.rowCount(); ++row) {
    fields.clear();
    for (int column = 0; column < model.columnCount(); ++column)
      fields.append(field([&](int role) { return model.index(row, column).data(role); }));
    text += fields.join(QLatin1Char(',')) + QStringLiteral("\r\n");
  }
  return text;
}

}  // namespace moesim::gui
