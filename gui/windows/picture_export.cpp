#include "gui/windows/picture_export.hpp"

#include <QBuffer>
#include <QCoreApplication>
#include <QFileInfo>
#include <QMarginsF>
#include <QPageLayout>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>
#include <array>

namespace moesim::gui {
namespace {

constexpr int kDotsPerInch = 96;
constexpr double kPointsPerPixel = 72.0 / kDotsPerInch;

QByteArray pngOf(QWidget& widget) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  widget.grab().save(&buffer, "PNG");
  return bytes;
}

QByteArray svgOf(QWidget& widget) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  QSvgGenerator generator;
  generator.setOutputDevice(&buffer);
  generator.setSize(widget.size());
  generator.setViewBox(QRect({}, widget.size()));
  generator.setResolution(kDotsPerInch);
  QPainter painter(&generator);
  widget.render(&painter);
  painter.end();
  return bytes;
}

QByteArray pdfOf(QWidget& widget) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  QPdfWriter writer(&buffer);
  writer.setCreator(QStringLiteral("moesim-gui"));
  writer.setResolution(kDotsPerInch);
  writer.setPageLayout(QPageLayout(QPageSize(QSizeF(widget.size()) * kPointsPerPixel, QPageSize::Point),
                                   QPageLayout::Portrait, QMarginsF()));
  QPainter painter(&writer);
  widget.render(&painter);
  painter.end();
  return bytes;
}

struct Format {
  const char* ending;
  QByteArray (*bytesOf)(QWidget&);
};
constexpr auto kFormats = std::to_array<Format>({{"png", pngOf}, {"svg", svgOf}, {"pdf", pdfOf}});

}  // namespace

QString exportFilter() {
  return QCoreApplication::translate("Export", "Pictures and tables (*.png *.svg *.pdf *.csv)");
}

QString exportWidget(QWidget& widget, const QString& csv, const QString& path) {
  const QString ending = QFileInfo(path).suffix().toLower();
  QByteArray bytes;
  for (const Format& format : kFormats)
    if (ending == QLatin1String(format.ending)) bytes = format.bytesOf(widget);
  if (ending == QStringLiteral("csv")) {
    bytes = csv.toUtf8();
    if (bytes.isEmpty())
      return QCoreApplication::translate("Export", "%1: there is nothing to write").arg(path);
  } else if (bytes.isEmpty()) {
    return QCoreApplication::translate("Export", "%1: the name must end in .png, .svg, .pdf or .csv")
        .arg(path);
  }
  QSaveFile file(path);
  if (file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit()) return {};
  return QCoreApplication::translate("Export", "%1: cannot be written: %2").arg(path, file.errorString());
}

}  // namespace moesim::gui
