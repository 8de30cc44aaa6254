#include "gui/windows/main_window.hpp"

#include <gtest/gtest.h>

#include <QAction>
#include <QFileInfo>
#include <QSettings>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "gui/models/scenario_document.hpp"
#include "gui/views/view.hpp"
#include "gui/views/view_kinds.hpp"
#include "gui/windows/scenario_editor.hpp"
#include "gui/windows/shortcut_sheet.hpp"
#include "sim/results/store.hpp"
#include "tests/own_file.hpp"

namespace moesim::gui {
namespace {

using test::OwnFile;

constexpr int kPatienceMs = 20'000;

/// A result with one span that ends at `end_s`.
class ResultFile {
 public:
  ResultFile(const std::string& name, double end_s) : m_file(name) {
    StoreWriter writer(m_file.path());
    writer.add(Span{0, end_s, 0, 0, 1, 0, 0, 0, 0});
    writer.set_meta("summary", R"({"schema_version": 1, "kind": "training", "summary": {"step_time_s": 1}})");
    writer.commit();
  }
  [[nodiscard]] QString path() const { return QString::fromStdString(m_file.path().string()); }

 private:
  OwnFile m_file;
};

class MainWindowTest : public testing::Test {
 protected:
  void SetUp() override { QSettings().clear(); }

  void open(const QString& path) {
    QSignalSpy opened(&window, &MainWindow::documentOpened);
    window.open(path);
    ASSERT_TRUE(opened.wait(kPatienceMs));
  }

  MainWindow window;
};

TEST_F(MainWindowTest, OpensWhatIsNamedAndRemembersIt) {
  const ResultFile file("first.moesim", 4);
  open(file.path());
  EXPECT_EQ(window.documents().rowCount(), 1);
  EXPECT_EQ(window.state().fullRange(), (TimeRange{0, 4}));
  EXPECT_TRUE(window.view(QStringLiteral("summary"))->emptyText().isEmpty());
  EXPECT_EQ(MainWindow::recentFiles(), QStringList(file.path()));
}

TEST_F(MainWindowTest, ComparedResultsShareTheTimeOfBoth) {
  const ResultFile first("first.moesim", 4);
  const ResultFile second("second.moesim", 6);
  open(first.path());
  open(second.path());
  window.compareWith(0);
  EXPECT_EQ(window.state().fullRange(), (TimeRange{0, 6}));
  const View* view = window.view(QStringLiteral("summary"));
  EXPECT_TRUE(view->second());
  EXPECT_NE(view->first(), view->second());
  window.compareWith(-1);
  EXPECT_FALSE(view->second());
}

TEST_F(MainWindowTest, TwoFilesOfTheCommandLineAreComparedAndShown) {
  const ResultFile first("first.moesim", 4);
  const ResultFile second("second.moesim", 6);
  window.show();
  window.openTogether({first.path(), second.path()});
  const View* timeline = window.view(QStringLiteral("timeline"));
  ASSERT_TRUE(QTest::qWaitFor([&] { return timeline->second() != nullptr; }, kPatienceMs));
  EXPECT_EQ(timeline->first()->path(), first.path());
  EXPECT_EQ(timeline->second()->path(), second.path());
  // The view that tells most of a training result has come to the front by itself.
  EXPECT_TRUE(QTest::qWaitFor([&] { return !timeline->visibleRegion().isEmpty(); }, kPatienceMs));
}

TEST_F(MainWindowTest, ClosingLeavesNothingBehind) {
  const ResultFile first("first.moesim", 4);
  const ResultFile second("second.moesim", 6);
  open(first.path());
  open(second.path());
  window.compareWith(0);
  window.closeDocument();
  window.closeDocument();
  EXPECT_EQ(window.documents().rowCount(), 0);
  for (const ViewKind& kind : viewKinds()) {
    const View* view = window.view(QString::fromLatin1(kind.name));
    EXPECT_FALSE(view->first()) << kind.name;
    EXPECT_FALSE(view->second()) << kind.name;
  }
}

TEST_F(MainWindowTest, WhatCannotBeOpenedIsAMessage) {
  const OwnFile file("broken.json");
  std::ofstream(file.path()) << "{\"a\": ";
  QSignalSpy failed(&window, &MainWindow::documentFailed);
  window.open(QString::fromStdString(file.path().string()));
  ASSERT_TRUE(failed.wait(kPatienceMs));
  ASSERT_FALSE(window.messages().isEmpty());
  EXPECT_TRUE(window.messages().constLast().contains(QStringLiteral("broken.json")));
  EXPECT_EQ(window.documents().rowCount(), 0);
}

TEST_F(MainWindowTest, AFileThatGoesAwayWhileOpenIsAMessageAtReload) {
  {
    const ResultFile file("gone.moesim", 4);
    open(file.path());
  }
  QSignalSpy failed(&window, &MainWindow::documentFailed);
  window.reload();
  ASSERT_TRUE(failed.wait(kPatienceMs));
  EXPECT_EQ(window.documents().rowCount(), 1);
}

TEST_F(MainWindowTest, ACaseOfASearchGoesToTheEditor) {
  const OwnFile file("found.json");
  std::ofstream(file.path()) << R"({"schema_version": 1, "kind": "search",
      "scenario": {"kind": "training", "layout": {"ep": 8}},
      "summary": {"best": [{"changes": {"/layout/ep": 64}, "value": 2}]}})";
  open(QString::fromStdString(file.path().string()));
  View* sweep = window.view(QStringLiteral("sweep"));
  sweep->findChild<QTableView*>()->selectRow(0);
  for (QAction* action : sweep->actions())
    if (action->shortcut() == QKeySequence(Qt::Key_Return)) action->trigger();
  ScenarioDocument& document = window.findChild<ScenarioEditor*>()->document();
  EXPECT_EQ(document.root(), Json::parse(R"({"kind": "training", "layout": {"ep": 64}})"));
  EXPECT_EQ(document.folder(), QFileInfo(QString::fromStdString(file.path().string())).absolutePath());
}

TEST_F(MainWindowTest, EveryViewIsInTheSheetOfShortcuts) {
  QStringList actions;
  for (const QStringList& row : shortcutRows(window)) actions.append(row[0]);
  for (const ViewKind& kind : viewKinds())
    EXPECT_TRUE(actions.contains(QString::fromLatin1(kind.title))) << kind.name;
  EXPECT_TRUE(actions.contains(QStringLiteral("Undo the zoom")));
}

/// A view's shortcuts are for when it has the focus, so two views may share one, but not with a menu of the
/// window.
TEST_F(MainWindowTest, ShortcutsAreTheirOwn) {
  const QStringList windowMenus{QStringLiteral("File"), QStringLiteral("View"), QStringLiteral("Time"),
                                QStringLiteral("Help")};
  QMap<QString, QString> owners;
  QList<QStringList> rows = shortcutRows(window);
  std::ranges::stable_sort(rows, {}, [&](const QStringList& row) { return !windowMenus.contains(row[2]); });
  for (const QStringList& row : rows) {
    if (row[1].isEmpty()) continue;
    const bool isOfWindow = windowMenus.contains(row[2]);
    const QString key = row[1] + QLatin1Char(' ') + row[2];
    EXPECT_FALSE(owners.contains(row[1])) << qUtf8Printable(key + QStringLiteral(": ") + row[0]);
    EXPECT_FALSE(owners.contains(key)) << qUtf8Printable(key + QStringLiteral(": ") + row[0]);
    owners[isOfWindow ? row[1] : key] = row[0];
  }
}

}  // namespace
}  // namespace moesim::gui
