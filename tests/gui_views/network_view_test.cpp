#include "gui/views/network_view.hpp"

#include <gtest/gtest.h>

#include <QSignalSpy>
#include <QTableView>
#include <QtTest/QTest>

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
  EXPECT_EQ(view.csv().section(QStringLiteral("\r\n"), 1, 1),
            QStringLiteral("GPU 0,\"NIC out, at most\",6 kB,60,4.000"));
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
