#include "gui/widgets/plot_csv.hpp"

#include <algorithm>
#include <cmath>

#include "gui/widgets/plot_scale.hpp"
#include "reports/csv.hpp"

namespace moesim::gui {
namespace {

QString field(const QString& value) {
  return QString::fromStdString(csv_field(value.toStdString()));
}

QString number(double value) {
  return QString::number(value, 'g', 17);
}

}  // namespace

QString pictureCsv(const PlotPicture& picture) {
  QString rows;
  for (const PlotPanel& panel : picture.panels) {
    for (const PlotCurve& curve : panel.curves)
      for (qsizetype i = 0; i < std::min(curve.x.size(), curve.y.size()); ++i)
        rows += QStringLiteral("%1,%2,%3\r\n")
                    .arg(picture.x.categories.isEmpty() ? number(curve.x[i])
                                                        : field(valueText(curve.x[i], picture.x)),
                         field(curve.name), number(curve.y[i]));
    for (const PlotBars& bars : panel.bars)
      for (qsizetype i = 0; i < bars.values.size(); ++i)
        if (std::isfinite(bars.values[i]))
          rows += QStringLiteral("%1,%2,%3\r\n")
                      .arg(field(picture.x.categories.value(i)), field(bars.name), number(bars.values[i]));
  }
  if (rows.isEmpty()) return {};
  const QString head = picture.x.label.isEmpty() ? QStringLiteral("of") : picture.x.label;
  return QStringLiteral("%1,curve,value\r\n").arg(field(head)) + rows;
}

}  // namespace moesim::gui
