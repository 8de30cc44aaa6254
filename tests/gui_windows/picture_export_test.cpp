#include "gui/windows/picture_export.hpp"

#include <gtest/gtest.h>

#include <QDir>
#include <QFile>
#include <QImage>
#include <QTemporaryDir>

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
