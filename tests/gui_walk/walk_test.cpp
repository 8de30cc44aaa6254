#include <gtest/gtest.h>

#include <QAction>
#include <QApplication>
#include <QFileInfo>
#include <QImage>
#include <QMenu>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <functional>
#include <stdexcept>
#include <string>

#include "gui/views/view_kinds.hpp"
#include "gui/windows/main_window.hpp"
#include "gui/windows/picture_export.hpp"

namespace moesim::gui {
namespace {

constexpr int kPatienceMs = 150'000;

bool waitFor(const std::function<bool()>& isDone) {
  return QTest::qWaitFor(isDone, kPatienceMs);
}

/// The steps of a user, each of which needs those before.
class WalkTest : public testing::Test {
 protected:
  void SetUp() override {
    window.resize(1280, 720);
    window.show();
    ASSERT_TRUE(QTest::qWaitForWindowExposed(&window));
  }

  /// Runs a shipped scenario as a click on the start page does, and waits for its result.
  void run(const QString& scenario) {
    QSignalSpy opened(&window, &MainWindow::documentOpened);
    window.runScenario(scenario);
    ASSERT_TRUE(waitFor([&] { return !opened.isEmpty(); })) << qUtf8Printable(window.messages().join(u'\n'));
  }

  View& show(const char* name) {
    window.raiseView(QString::fromLatin1(name));
    View* view = window.view(QString::fromLatin1(name));
    if (view == nullptr) throw std::invalid_argument(std::string("no view ") + name);
    EXPECT_TRUE(waitFor([&] { return view->isReady() && view->isVisible(); })) << name;
    return *view;
  }

  void play() {
    View& load = show("expert-load");
    ASSERT_EQ(load.emptyText(), QString());
    QAction* action = nullptr;
    for (QAction* one : load.actions())
      if (one->text() == QStringLiteral("Play")) action = one;
    ASSERT_NE(action, nullptr);
    window.state().setStep(0);
    QSignalSpy steps(&window.state(), &ViewState::stepChanged);
    action->trigger();
    EXPECT_TRUE(waitFor([&] { return steps.size() >= 3; }));
    action->trigger();
  }

  void exportTo(View& view, const QString& name) {
    const QString path = folder.filePath(name);
    EXPECT_EQ(exportWidget(view, view.csv(), path), QString());
    EXPECT_GT(QFileInfo(path).size(), 0) << qUtf8Printable(name);
  }

  const QTemporaryDir folder;
  MainWindow window;
};

TEST_F(WalkTest, RunsPlaysComparesExportsAndCloses) {
  run(QStringLiteral("deepseek-v3-routing-quick"));
  play();
  exportTo(show("expert-load"), QStringLiteral("load.png"));
  EXPECT_FALSE(QImage(folder.filePath(QStringLiteral("load.png"))).isNull());

  run(QStringLiteral("deepseek-v3-pretrain-2048xh800"));
  ASSERT_EQ(window.documents().rowCount(), 2);
  EXPECT_EQ(show("timeline").emptyText(), QString());
  exportTo(show("timeline"), QStringLiteral("timeline.pdf"));
  QTest::keyClick(&window, Qt::Key_Home);

  run(QStringLiteral("deepseek-67b-pretrain-h800"));
  window.showDocument(2);
  window.compareWith(1);
  const View& compare = show("compare");
  EXPECT_EQ(compare.emptyText(), QString());
  EXPECT_TRUE(compare.csv().contains(QStringLiteral("step time")));
  EXPECT_EQ(show("timeline").emptyText(), QString());

  // A training step and a routing run have no figures in common, and the window says so.
  window.compareWith(0);
  EXPECT_TRUE(show("compare").emptyText().contains(QStringLiteral("cannot be compared")));
  window.compareWith(-1);
  exportTo(show("summary"), QStringLiteral("summary.csv"));

  for (const ViewKind& kind : viewKinds()) show(kind.name);
  EXPECT_TRUE(window.close());
}

}  // namespace
}  // namespace moesim::gui

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const QApplication application(argc, argv);
  const QTemporaryDir settings;
  QSettings::setDefaultFormat(QSettings::IniFormat);
  QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, settings.path());
  QApplication::setOrganizationName(QStringLiteral("moesim"));
  QApplication::setApplicationName(QStringLiteral("moesim-gui"));
  return RUN_ALL_TESTS();
}
