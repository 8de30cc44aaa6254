#include "gui/models/network_model.hpp"

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <nlohmann/json.hpp>
#include <vector>

#include "gui/models/network_csv.hpp"

namespace moesim::gui {
namespace {

/// 2 nodes of 2 GPUs; at step 0 GPU 0 sends to all others, at step 5 GPU 3 to GPU 2.
pictures::LoadCube twoSteps() {
  const auto rows = [](std::int64_t first, std::int64_t last, const auto& visit) {
    std::vector<std::uint32_t> early(16, 0);
    early[0 * 4 + 1] = 10;
    early[0 * 4 + 2] = 20;
    early[0 * 4 + 3] = 40;
    std::vector<std::uint32_t> late(16, 0);
    late[3 * 4 + 2] = 7;
    if (first <= 0 && last >= 0) visit(LoadRow{0, 3, early});
    if (first <= 5 && last >= 5) visit(LoadRow{5, 3, late});
  };
  return pictures::LoadCube(rows);
}

RunDocument documentOf(const char* mode) {
  RunParts parts;
  Json result = Json::parse(R"({"kind": "routing", "cluster": {"gpus": 4, "nodes": 2},
      "summary": {"traffic": {"copy_B": 100}}})");
  result["scenario"]["record"]["dispatch_mode"] = mode;
  parts.result = std::make_shared<const Json>(result);
  return RunDocument(parts);
}

TEST(NetworkTrafficTest, StepsAndLayersAreChosen) {
  const RunDocument document = documentOf("normal");
  const pictures::LoadCube cube = twoSteps();
  EXPECT_EQ(trafficOf(document, cube, 4, -1).at(0, 3), 40);
  EXPECT_EQ(trafficOf(document, cube, 4, -1).at(3, 2), 0);
  EXPECT_EQ(trafficOf(document, cube, 9, 3).at(3, 2), 7);
  const NetworkTraffic all = trafficOf(document, cube, std::nullopt, -1);
  EXPECT_EQ(all.at(0, 3) + all.at(3, 2), 47);
  EXPECT_EQ(all.gpusPerNode, 2);
  EXPECT_EQ(trafficText(40, all), QStringLiteral("4 kB"));
  EXPECT_EQ(trafficOf(document, {}, 0, -1).numGpus, 0);
}

TEST(NetworkTrafficTest, ForwardedCopiesEnterANodeAtTheIndexOfTheirSource) {
  const NetworkTraffic traffic = trafficOf(documentOf("normal"), twoSteps(), 0, -1);
  // 0 -> 1 inside the node; 0 -> 2 ends where it enters; 0 -> 3 enters at 2 and goes on to 3.
  EXPECT_EQ(portCopies(traffic, NetworkPort::nvlinkOut), (std::vector<std::uint64_t>{10, 0, 40, 0}));
  EXPECT_EQ(portCopies(traffic, NetworkPort::nvlinkIn), (std::vector<std::uint64_t>{0, 10, 0, 40}));
  EXPECT_EQ(portCopies(traffic, NetworkPort::nicOut), (std::vector<std::uint64_t>{60, 0, 0, 0}));
  EXPECT_EQ(portCopies(traffic, NetworkPort::nicIn), (std::vector<std::uint64_t>{0, 0, 60, 0}));
}

TEST(NetworkTrafficTest, LowLatencyCopiesGoStraight) {
  const NetworkTraffic traffic = trafficOf(documentOf("low_latency"), twoSteps(), 0, -1);
  EXPECT_EQ(portCopies(traffic, NetworkPort::nvlinkOut), (std::vector<std::uint64_t>{10, 0, 0, 0}));
  EXPECT_EQ(portCopies(traffic, NetworkPort::nicIn), (std::vector<std::uint64_t>{0, 0, 20, 40}));
}

TEST(NetworkTrafficTest, NodesFollowTheClusterWhereItDividesTheGpus) {
  EXPECT_EQ(gpusPerNode(Json::parse(R"({"cluster": {"gpus": 2048, "nodes": 256}})"), 64), 8);
  EXPECT_EQ(gpusPerNode(Json::parse("{}"), 64), 8);
  EXPECT_EQ(gpusPerNode(Json::parse("{}"), 4), 4);
  EXPECT_EQ(gpusPerNode(Json::parse(R"({"cluster": {"gpus": 0, "nodes": 0}})"), 9), 1);
}

TEST(NetworkModelTest, TheBusiestLinkIsFirst) {
  NetworkModel model;
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  const NetworkTraffic traffic = trafficOf(documentOf("normal"), twoSteps(), 0, -1);
  model.setTraffic(traffic, true);
  ASSERT_EQ(model.rowCount(), 3);
  EXPECT_EQ(model.index(0, NetworkModel::kLink).data().toString(), QStringLiteral("GPU 0 \u2192 GPU 3"));
  EXPECT_EQ(model.index(0, NetworkModel::kLoad).data().toString(), QStringLiteral("4 kB"));
  // 8 ordered pairs between the nodes carry 60 copies: 40 are 40 x 8 / 60 of the mean.
  EXPECT_EQ(model.index(0, NetworkModel::kOverMean).data().toString(), QStringLiteral("5.333"));
  model.setTraffic(traffic, false);
  EXPECT_EQ(model.index(0, NetworkModel::kKind).data().toString(), QStringLiteral("NIC out, at most"));
  EXPECT_EQ(model.gpuAt(0), 0);
  EXPECT_EQ(model.gpuAt(99), -1);
  model.setTraffic({}, false);
  EXPECT_EQ(model.rowCount(), 0);
}

TEST(NetworkCsvTest, TheMatrixIsWholeAndNumbersAreExact) {
  RunParts parts;
  parts.result = std::make_shared<const Json>(Json::parse(R"({"cluster": {"gpus": 4, "nodes": 2}})"));
  const NetworkTraffic traffic = trafficOf(RunDocument(parts), twoSteps(), std::nullopt, -1);
  const QStringList rows = trafficCsv(QStringLiteral("a, b"), traffic).split(QStringLiteral("\r\n"));
  ASSERT_EQ(rows.size(), 16 + 16 + 1);  // and what is behind the last line
  EXPECT_EQ(rows[0], QStringLiteral("\"a, b\",0,0,own GPU,0,,"));
  EXPECT_EQ(rows[1], QStringLiteral("\"a, b\",0,1,NVLink,10,,2.3529411764705883"));  // of 17 on 4 pairs
  EXPECT_EQ(rows[14], QStringLiteral("\"a, b\",3,2,NVLink,7,,1.6470588235294117"));
  EXPECT_TRUE(trafficCsv({}, {}).isEmpty());
}

}  // namespace
}  // namespace moesim::gui
