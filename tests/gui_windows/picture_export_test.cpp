#include "gui/windows/picture_export.hpp"

#include <gtest/gtest.h>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QImage>
#include <QRegularExpression>
#include <QTemporaryDir>

#include "gui/widgets/plot_widget.hpp"
#include "gui/widgets/theme.hpp"

namespace moesim::gui {
namespace {

/// A widget of one colour.
class Patch : public QWidget {
 public:
  Patch() {
    resize(40, 30);
    setAutoFillBackground(true);
    QPalette palette;
    palette.setColor(QPalette::Window, Qt::red);
    setPalette(palette);
  }
};

class PictureExportTest : public testing::Test {
 protected:
  QString write(const QString& name, const QString& csv = {}) {
    return exportWidget(patch, csv, folder.filePath(name));
  }
  QByteArray bytes(const QString& name) {
    QFile file(folder.filePath(name));
    file.open(QIODevice::ReadOnly);
    return file.readAll();
  }

  QTemporaryDir folder;
  Patch patch;
};

TEST_F(PictureExportTest, PngHasThePixels) {
  ASSERT_EQ(write(QStringLiteral("a.png")), QString());
  const QImage image(folder.filePath(QStringLiteral("a.png")));
  ASSERT_EQ(image.size(), QSize(40, 30));
  EXPECT_EQ(image.pixelColor(20, 15), QColor(Qt::red));
}

TEST_F(PictureExportTest, SvgAndPdfAreOfTheirKind) {
  ASSERT_EQ(write(QStringLiteral("a.svg")), QString());
  EXPECT_TRUE(bytes(QStringLiteral("a.svg")).contains("viewBox=\"0 0 40 30\""));
  ASSERT_EQ(write(QStringLiteral("a.pdf")), QString());
  EXPECT_TRUE(bytes(QStringLiteral("a.pdf")).startsWith("%PDF-"));
}

class PlotExportTest : public testing::Test {
 protected:
  PlotExportTest() {
    PlotPicture picture;
    picture.x.label = QStringLiteral("hours");
    for (const char* name : {"queue length", "tokens rate"}) {
      PlotPanel panel;
      panel.y.label = QString::fromLatin1(name);
      for (int i = 0; i < 3; ++i) {
        PlotCurve curve;
        curve.name = QStringLiteral("pool %1").arg(i);
        curve.color = i;
        for (int x = 0; x < 50; ++x) {
          curve.x.append(x);
          curve.y.append(x * (i + 1));
        }
        panel.curves.append(curve);
      }
      picture.panels.append(panel);
    }
    plot.resize(700, 500);
    plot.setPicture(picture);
    plot.grab();  // lays it out
  }
  QByteArray exported(const QString& name) {
    EXPECT_EQ(exportWidget(plot, {}, folder.filePath(name)), QString());
    QFile file(folder.filePath(name));
    file.open(QIODevice::ReadOnly);
    return file.readAll();
  }

  QTemporaryDir folder;
  PlotWidget plot;
};

TEST_F(PlotExportTest, SvgHasTheTextsAndCurvesAsLines) {
  const QString svg = QString::fromUtf8(exported(QStringLiteral("a.svg")));
  QStringList texts;
  static const QRegularExpression kText(QStringLiteral("<text[^>]*>([^<]*)</text>"));
  for (auto matches = kText.globalMatch(svg); matches.hasNext();)
    texts.append(matches.next().captured(1).trimmed());
  for (const char* wanted : {"hours", "queue length", "tokens rate", "pool 0", "pool 2", "40"})
    EXPECT_TRUE(texts.contains(QLatin1String(wanted))) << wanted << texts.join(u'|').toStdString();
  EXPECT_FALSE(svg.contains(QStringLiteral("<image")));  // nothing is pixels
  // Two panels of three curves, each in its colour.
  for (int i = 0; i < 3; ++i) {
    const QRegularExpression line(
        QStringLiteral("stroke=\"%1\"[^>]*>\\s*<(polyline|path)").arg(categoryColor(i).name()));
    EXPECT_TRUE(svg.contains(line)) << i;
  }
  EXPECT_GE(svg.count(QStringLiteral("<polyline")) + svg.count(QStringLiteral("<path")), 6 + 2 * 5);
}

TEST_F(PlotExportTest, PdfHasOnePageOfTheSizeOfTheWidgetWithFontsAndContent) {
  const QByteArray pdf = exported(QStringLiteral("a.pdf"));
  const QString text = QString::fromLatin1(pdf);
  EXPECT_EQ(text.count(QRegularExpression(QStringLiteral("/Type /Page\\b(?!s)"))), 1);
  EXPECT_TRUE(text.contains(QStringLiteral("/Count 1")));
  // 700 x 500 pixels of 96 an inch are 525 x 375 points.
  EXPECT_TRUE(
      text.contains(QRegularExpression(QStringLiteral("/MediaBox \\[0 0 525(\\.0+)? 375(\\.0+)?\\]"))));
  EXPECT_TRUE(text.contains(QStringLiteral("/Font")));
  EXPECT_FALSE(text.contains(QStringLiteral("/Subtype /Image")));  // nothing is pixels
  PlotWidget empty;
  empty.resize(700, 500);
  empty.grab();
  ASSERT_EQ(exportWidget(empty, {}, folder.filePath(QStringLiteral("empty.pdf"))), QString());
  EXPECT_GT(pdf.size(), QFileInfo(folder.filePath(QStringLiteral("empty.pdf"))).size() + 4000);
}

TEST_F(PictureExportTest, CsvIsWrittenAsItIs) {
  ASSERT_EQ(write(QStringLiteral("a.csv"), QStringLiteral("x\r\n1\r\n")), QString());
  EXPECT_EQ(bytes(QStringLiteral("a.csv")), QByteArray("x\r\n1\r\n"));
}

TEST_F(PictureExportTest, FaultsLeaveNothingBehind) {
  EXPECT_TRUE(write(QStringLiteral("a.gif")).contains(QStringLiteral("must end in")));
  EXPECT_TRUE(write(QStringLiteral("a.csv")).contains(QStringLiteral("nothing to write")));
  EXPECT_TRUE(write(QStringLiteral("none/a.png")).contains(QStringLiteral("cannot be written")));
  EXPECT_TRUE(QDir(folder.path()).isEmpty());
}

}  // namespace
}  // namespace moesim::gui
