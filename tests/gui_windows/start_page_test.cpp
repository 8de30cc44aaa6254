#include "gui/windows/start_page.hpp"

#include <gtest/gtest.h>

#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

#include "gui/models/scenario_catalog.hpp"

namespace moesim::gui {
namespace {

QPushButton* buttonOf(const StartPage& page, const QString& text) {
  for (QPushButton* button : page.findChildren<QPushButton*>())
    if (button->text() == text) return button;
  return nullptr;
}

TEST(StartPageTest, AnExampleRunsAndOpensInTheEditor) {
  StartPage page;
  page.setCurrentExample(QStringLiteral("deepseek-v3-routing-quick"));
  QSignalSpy run(&page, &StartPage::runRequested);
  QSignalSpy edit(&page, &StartPage::editRequested);
  QSignalSpy open(&page, &StartPage::openDialogRequested);
  buttonOf(page, QStringLiteral("Run example"))->click();
  buttonOf(page, QStringLiteral("Open example in the editor"))->click();
  buttonOf(page, QStringLiteral("Open a result..."))->click();
  ASSERT_EQ(run.size(), 1);
  EXPECT_EQ(run[0][0].toString(), QStringLiteral("deepseek-v3-routing-quick"));
  ASSERT_EQ(edit.size(), 1);
  EXPECT_EQ(edit[0][0].toString(), QStringLiteral("deepseek-v3-routing-quick"));
  EXPECT_EQ(open.size(), 1);
}

TEST(StartPageTest, AClickIntoTheColumnForItRuns) {
  StartPage page;
  page.resize(1200, 600);
  page.show();
  page.setCurrentExample(QStringLiteral("deepseek-v3-routing-quick"));
  QSignalSpy run(&page, &StartPage::runRequested);
  auto* table = page.findChild<QTableView*>();
  const int row = table->currentIndex().row();
  const auto click = [&](int column) {
    const QRect place = table->visualRect(table->model()->index(row, column));
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, place.center());
  };
  click(ScenarioCatalog::kName);
  EXPECT_TRUE(run.isEmpty());
  click(ScenarioCatalog::kRun);
  ASSERT_EQ(run.size(), 1);
  EXPECT_EQ(run[0][0].toString(), QStringLiteral("deepseek-v3-routing-quick"));
}

TEST(StartPageTest, RecentFilesOpen) {
  StartPage page;
  page.setRecent({QStringLiteral("/tmp"), QStringLiteral("/no/such/file")});
  QSignalSpy open(&page, &StartPage::openRequested);
  auto* list = page.findChild<QListWidget*>();
  ASSERT_EQ(list->count(), 2);
  list->setCurrentRow(0);
  QTest::keyClick(list, Qt::Key_Return);
  ASSERT_EQ(open.size(), 1);
  EXPECT_EQ(open[0][0].toString(), QStringLiteral("/tmp"));
  EXPECT_TRUE(list->item(1)->text().startsWith(QStringLiteral("file (gone)")));
}

}  // namespace
}  // namespace moesim::gui
