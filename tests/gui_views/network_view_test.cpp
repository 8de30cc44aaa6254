#include "gui/views/network_view.hpp"

#include <gtest/gtest.h>

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QSignalSpy>
#include <QTableView>
#include <QtTest/QTest>

#include "gui/models/network_csv.hpp"
#include "gui/views/network_maps.hpp"
#include "gui/widgets/heat_map_widget.hpp"
#include "gui/widgets/plot_topology.hpp"
#include "tests/gui_views/documents.hpp"

namespace moesim::gui {
namespace {

/// 2 nodes of 2 GPUs; GPU 0 sends to all others.
DocumentPtr withTraffic() {
  RunParts parts;
  parts.path = QStringLiteral("routing");
  parts.result = std::make_shared<const Json>(Json::parse(R"({"kind": "routing",
      "cluster": {"name": "two", "gpus": 4, "nodes": 2}, "summary": {"traffic": {"copy_B": 100}}})"));
  parts.loadStreams = {{kTrafficStream, 16}};
  const auto rows = [](std::int64_t, std::int64_t, const auto& visit) {
    std::vector<std::uint32_t> tokens(16, 0);
    tokens[1] = 10;
    tokens[2] = 20;
    tokens[3] = 40;
    visit(LoadRow{0, 3, tokens});
    tokens[3] = 50;
    visit(LoadRow{5, 3, tokens});
  };
  parts.loads[kTrafficStream] = std::make_shared<const pictures::LoadCube>(rows);
  return std::make_shared<const RunDocument>(std::move(parts));
}

TEST(NetworkViewTest, TrafficIsSummedOffTheGuiThread) {
  ViewState state;
  NetworkView view(state);
  view.resize(900, 600);
  const QSignalSpy ready(&view, &View::ready);
  view.setDocuments(withTraffic(), nullptr);
  EXPECT_FALSE(view.isReady());
  ASSERT_TRUE(QTest::qWaitFor([&] { return view.isReady(); }));
  EXPECT_FALSE(ready.isEmpty());
  const QStringList rows = view.csv().split(QStringLiteral("\r\n"), Qt::SkipEmptyParts);
  ASSERT_EQ(rows.size(), 1 + 16 + 4 * 4);  // the matrix, then every kind of port
  EXPECT_EQ(rows[0], trafficCsvHead().trimmed());
  EXPECT_EQ(rows[1 + 3], QStringLiteral("routing,0,3,NIC,40,4000,5.333333333333333"));
  EXPECT_EQ(rows[1 + 16], QStringLiteral("routing,0,,\"NIC out, at most\",60,6000,4"));
  const auto* topology = view.findChild<TopologyWidget*>();
  EXPECT_EQ(topology->picture().numNodes, 2);
  EXPECT_EQ(topology->picture().loads, (std::vector<double>{10, 0, 40, 0}));
  EXPECT_FALSE(view.grab().isNull());
}

TEST(NetworkViewTest, TheSelectedGpuIsThatOfAllViews) {
  ViewState state;
  NetworkView view(state);
  view.resize(900, 600);
  view.setDocuments(withTraffic(), withTraffic());
  ASSERT_TRUE(QTest::qWaitFor([&] { return view.isReady(); }));
  auto* topology = view.findChild<TopologyWidget*>();
  Q_EMIT topology->gpuClicked(3);
  EXPECT_EQ(state.gpu(), 3);
  EXPECT_FALSE(view.grab().isNull());
}

TEST(NetworkViewTest, KeysMoveThroughStepsLayersAndLinks) {
  ViewState state;
  NetworkView view(state);
  view.resize(900, 600);
  view.setDocuments(withTraffic(), nullptr);
  const auto isReady = [&] { return view.isReady(); };
  ASSERT_TRUE(QTest::qWaitFor(isReady));
  const auto press = [&](const char* keys) {
    for (QAction* action : view.actions())
      if (action->shortcut() == QKeySequence(QString::fromLatin1(keys))) action->trigger();
    return QTest::qWaitFor(isReady);
  };
  ASSERT_TRUE(press("."));
  EXPECT_EQ(state.step(), 5);
  EXPECT_TRUE(view.csv().contains(QStringLiteral("routing,0,3,NIC,50,5000,")));
  ASSERT_TRUE(press("."));  // there is no later one
  EXPECT_EQ(state.step(), 5);
  ASSERT_TRUE(press("T"));
  EXPECT_TRUE(view.csv().contains(QStringLiteral("routing,0,3,NIC,90,9000,")));
  ASSERT_TRUE(press(","));  // back from the sum to one
  EXPECT_TRUE(view.csv().contains(QStringLiteral("routing,0,3,NIC,50,5000,")));
  ASSERT_TRUE(press("Ctrl+Down"));
  EXPECT_EQ(view.findChildren<QComboBox*>().at(0)->currentText(), QStringLiteral("layer 3"));
  ASSERT_TRUE(press("P"));
  EXPECT_EQ(view.findChild<QTableView*>()->model()->index(0, 0).data().toString(),
            QStringLiteral("GPU 0 \u2192 GPU 3"));
  ASSERT_TRUE(press("H"));
  EXPECT_EQ(state.gpu(), 0);
  HeatMapWidget* map = view.findChild<NetworkMaps*>()->map(0);
  map->setRowWindow({1, 3});
  ASSERT_TRUE(press("0"));
  EXPECT_EQ(map->rowWindow(), (CellWindow{0, 4}));
  for (const QAction* action : view.actions())
    EXPECT_EQ(action->shortcutContext(), Qt::WidgetWithChildrenShortcut) << action->text().toStdString();
}

TEST(NetworkViewTest, WithoutTrafficTheClusterIsDrawn) {
  ViewState state;
  NetworkView view(state);
  view.setDocuments(
      documentOf(R"({"kind": "training", "cluster": {"name": "h800", "gpus": 64, "nodes": 8}})"), nullptr);
  EXPECT_TRUE(view.emptyText().isEmpty());
  EXPECT_TRUE(view.csv().isEmpty());
  EXPECT_EQ(view.findChild<TopologyWidget*>()->picture().numNodes, 8);
  view.setDocuments(documentOf(R"({"kind": "training", "cluster": {"gpus": "many", "nodes": null}})"),
                    nullptr);
  EXPECT_FALSE(view.emptyText().isEmpty());
}

}  // namespace
}  // namespace moesim::gui
