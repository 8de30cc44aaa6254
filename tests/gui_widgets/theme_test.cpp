#include "gui/widgets/theme.hpp"

#include <gtest/gtest.h>

#include <QApplication>
#include <QStandardItemModel>

#include "gui/widgets/table_csv.hpp"

namespace moesim::gui {
namespace {

TEST(ThemeTest, PicturesFollowThePalette) {
  setColorScheme(ColorScheme::dark);
  EXPECT_EQ(pictureTheme(QApplication::palette()).name, "dark");
  setColorScheme(ColorScheme::light);
  EXPECT_EQ(pictureTheme(QApplication::palette()).name, "light");
  EXPECT_EQ(colorSchemeOf(QStringLiteral("dark")), ColorScheme::dark);
  EXPECT_EQ(colorSchemeOf(QStringLiteral("else")), ColorScheme::system);
}

TEST(TableCsvTest, FieldsAreQuotedWhereNeeded) {
  QStandardItemModel model(1, 2);
  model.setHorizontalHeaderLabels({QStringLiteral("a"), QStringLiteral("b")});
  model.setItem(0, 0, new QStandardItem(QStringLiteral("1,5")));
  model.setItem(0, 1, new QStandardItem(QStringLiteral("2")));
  EXPECT_EQ(tableCsv(model), QStringLiteral("a,b\r\n\"1,5\",2\r\n"));
  EXPECT_EQ(tableCsv(QStandardItemModel()), QString());
}

}  // namespace
}  // namespace moesim::gui
