#include "gui/views/load_view.hpp"

#include <gtest/gtest.h>

#include <QAction>
#include <QComboBox>
#include <QSignalSpy>
#include <QStyle>
#include <QStyleOptionComboBox>
#include <QTableView>
#include <QTest>
#include <array>
#include <cstdint>

#include "gui/views/load_controls.hpp"
#include "gui/views/load_panels.hpp"
#include "gui/widgets/theme.hpp"
#include "sim/results/store.hpp"
#include "tests/own_file.hpp"

namespace moesim::gui {
namespace {

using test::OwnFile;

constexpr int kPatienceMs = 20'000;
constexpr int kExperts = 8;
constexpr int kSteps = 6;  // 0, 10, ..., 50

/// Experts of layers 3 and 4 with 100 tokens each, but 800 for expert `hot` of layer 4 at step 30.
DocumentPtr routingResult(const OwnFile& file, std::size_t hot, bool hasGpus) {
  StoreWriter writer(file.path());
  for (int step = 0; step < kSteps; ++step) {
    for (const std::int16_t layer : {std::int16_t{3}, std::int16_t{4}}) {
      std::array<std::uint32_t, kExperts> tokens;
      tokens.fill(100);
      if (layer == 4 && step == 3) tokens[hot] = 800;
      writer.add("expert_load", LoadRow{10 * step, layer, tokens});
      const std::array<std::uint32_t, 2> gpus{300, 100};
      const std::array<std::uint32_t, 2> after{200, 200};
      if (hasGpus) writer.add("gpu_load", LoadRow{10 * step, layer, gpus});
      if (hasGpus && step > 2) writer.add("gpu_load_after_eplb", LoadRow{10 * step, layer, after});
    }
  }
  writer.set_meta("summary", R"({"schema_version": 1, "kind": "routing", "summary": {"steps": 60}})");
  writer.commit();
  return RunDocument::load(QString::fromStdString(file.path().string()));
}

class LoadViewTest : public testing::Test {
 protected:
  void SetUp() override {
    state.setFullRange({0, 60});
    view.resize(1280, 720);
    view.show();
  }

  void open(const DocumentPtr& first, const DocumentPtr& second = nullptr) {
    view.setDocuments(first, second);
    wait();
  }
  void wait() {
    if (view.isReady()) return;
    QSignalSpy ready(&view, &View::ready);
    while (!view.isReady()) ASSERT_TRUE(ready.wait(kPatienceMs));
  }
  QAction* action(const QString& shortcut) {
    for (QAction* one : view.actions())
      if (one->shortcut() == QKeySequence(shortcut)) return one;
    return nullptr;
  }
  [[nodiscard]] LoadMaps& maps() { return view.panels().maps(); }

  ViewState state;
  LoadView view{state};
  OwnFile firstFile{"first.moesim"};
  OwnFile secondFile{"second.moesim"};
};

TEST_F(LoadViewTest, TheHotExpertHasTheLastColor) {
  open(routingResult(firstFile, 5, false));
  ASSERT_TRUE(view.emptyText().isEmpty());
  // The layer with the hot expert is shown by itself: 800 tokens of 1500 over 8 experts are 4.27 times the
  // mean.
  HeatMapWidget* map = maps().steps(LoadMaps::kFirst);
  EXPECT_EQ(maps().loadBar()->scale().high, 800 * 8 / 1500.0F);
  const QImage image = view.grab().toImage();
  const QPoint hot = map->mapTo(&view, map->rectOf({3, 5}).center().toPoint());
  EXPECT_EQ(image.pixel(hot), qColor(pictures::sequential_map().back()).rgb());
  const QPoint other = map->mapTo(&view, map->rectOf({3, 4}).center().toPoint());
  EXPECT_NE(image.pixel(other), image.pixel(hot));
}

TEST_F(LoadViewTest, ClicksJumpEverywhere) {
  open(routingResult(firstFile, 5, false));
  HeatMapWidget* map = maps().steps(LoadMaps::kFirst);
  QTest::mouseClick(map, Qt::LeftButton, {}, map->rectOf({2, 6}).center().toPoint());
  EXPECT_EQ(state.step(), 20);
  EXPECT_EQ(state.element(), 6);
  map = maps().layers(LoadMaps::kFirst);
  QTest::mouseClick(map, Qt::LeftButton, {}, map->rectOf({0, 1}).center().toPoint());
  EXPECT_EQ(state.layer(), 3);
  EXPECT_EQ(state.element(), 1);
  wait();
  QTableView& table = view.panels().table();
  Q_EMIT table.activated(table.model()->index(0, 0));
  EXPECT_EQ(state.step(), 30);
  EXPECT_EQ(state.layer(), 4);
  EXPECT_EQ(state.element(), 5);
}

TEST_F(LoadViewTest, StepsMoveByKeysAndByPlaying) {
  open(routingResult(firstFile, 5, false));
  action(QStringLiteral("."))->trigger();
  EXPECT_EQ(state.step(), 10);
  action(QStringLiteral(","))->trigger();
  EXPECT_EQ(state.step(), 0);
  view.player().setStepsPerSecond(1000);
  QSignalSpy playing(&view.player(), &StepPlayer::playingChanged);
  action(QStringLiteral("Space"))->trigger();
  while (view.player().isPlaying()) ASSERT_TRUE(playing.wait(kPatienceMs));
  EXPECT_EQ(state.step(), 50);
  EXPECT_EQ(view.panels().curve().markedColumn(), kSteps - 1);
}

TEST_F(LoadViewTest, StreamsWithoutRowsSayWhichKeysRecordThem) {
  open(routingResult(firstFile, 5, false));
  state.setStream("gpu_load_after_eplb");
  wait();
  EXPECT_TRUE(view.emptyText().contains(QStringLiteral("placement.what_if with record.every")));
  EXPECT_TRUE(view.csv().isEmpty());
  state.setStream("expert_load");
  wait();
  EXPECT_TRUE(view.emptyText().isEmpty());
}

TEST_F(LoadViewTest, EplbStandsBesideThePlacement) {
  open(routingResult(firstFile, 5, true));
  state.setStream("gpu_load");
  wait();
  view.controls().setComparison(LoadComparison::afterEplb);
  wait();
  EXPECT_TRUE(maps().isUsed(LoadMaps::kDifference));
  // 1.5 and 0.5 of the mean before, 1 after; nothing was recorded after EPLB before step 30.
  const auto& cells = *maps().steps(LoadMaps::kDifference)->cells();
  EXPECT_EQ(cells.at(2, 0), pictures::kNoData);
  EXPECT_FLOAT_EQ(cells.at(3, 0), -0.5F);
  EXPECT_FLOAT_EQ(cells.at(3, 1), 0.5F);
  EXPECT_EQ(maps().differenceBar()->scale().low, -0.5);
}

TEST_F(LoadViewTest, TwoResultsAreComparedAndThenOneIsClosed) {
  const DocumentPtr first = routingResult(firstFile, 5, false);
  open(first, routingResult(secondFile, 2, false));
  EXPECT_EQ(view.controls().comparison(), LoadComparison::second);
  EXPECT_TRUE(maps().steps(LoadMaps::kSecond)->isVisible());
  state.setStep(30);
  const QString csv = view.csv();
  EXPECT_TRUE(csv.contains(QStringLiteral("4,30,5,800,4.26667,100,0.533333,-3.73333")));
  open(first);
  EXPECT_EQ(view.controls().comparison(), LoadComparison::none);
  EXPECT_FALSE(maps().steps(LoadMaps::kSecond)->isVisible());
}

TEST_F(LoadViewTest, AResultThatGoesOnKeepsItsPlace) {
  open(routingResult(firstFile, 5, false));
  state.setStep(20);
  state.setLayer(3);
  wait();
  const OwnFile longer("longer.moesim");
  open(routingResult(longer, 1, false));
  EXPECT_EQ(state.step(), 20);
  EXPECT_EQ(state.layer(), 3);
  EXPECT_EQ(maps().steps(LoadMaps::kFirst)->markedColumn(), 2);
}

TEST_F(LoadViewTest, ZoomsOfStepsAreThoseOfEveryView) {
  open(routingResult(firstFile, 5, false));
  state.setTimeRange({10, 30});
  EXPECT_EQ(view.panels().columnWindow(), (CellWindow{1.5, 3.5}));
  state.undoZoom();
  EXPECT_EQ(view.panels().columnWindow(), (CellWindow{0, kSteps}));
}

TEST_F(LoadViewTest, AFileThatIsGoneIsAMessage) {
  DocumentPtr document;
  {
    const OwnFile file("gone.moesim");
    document = routingResult(file, 5, false);
  }
  open(document);
  EXPECT_FALSE(view.emptyText().isEmpty());
}

TEST_F(LoadViewTest, TheLayersBoxHoldsItsLongestText) {
  const OwnFile file("records.moesim");
  open(routingResult(file, 6, false));
  for (const QComboBox* box : view.findChildren<QComboBox*>()) {
    if (box->findText(QStringLiteral("most imbalanced")) < 0) continue;
    QStyleOptionComboBox option;
    option.initFrom(box);
    option.editable = false;
    const QRect room =
        box->style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, box);
    EXPECT_GE(room.width(), box->fontMetrics().horizontalAdvance(QStringLiteral("most imbalanced")));
    return;
  }
  FAIL() << "no such box";
}

}  // namespace
}  // namespace moesim::gui
