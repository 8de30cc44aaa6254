#include "gui/models/scenario_document.hpp"

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>
#include <nlohmann/json.hpp>

#include "gui/models/scenario_catalog.hpp"

namespace moesim::gui {
namespace {

TEST(ScenarioDocumentTest, ChangesAreUndoneAndRedone) {
  ScenarioDocument document;
  EXPECT_EQ(document.setText(R"({"layout": {"pp": 4}})"), QString());
  document.steps().clear();
  document.set("/layout/pp", 8);
  document.set("/layout/pp", 16);
  document.set("/recipe/memory/ema", "gpu");
  EXPECT_EQ(*document.at("/layout/pp"), 16);
  EXPECT_EQ(*document.at("/recipe/memory/ema"), "gpu");
  document.steps().undo();
  EXPECT_EQ(document.at("/recipe"), nullptr);
  document.steps().undo();  // both changes of one place
  EXPECT_EQ(*document.at("/layout/pp"), 4);
  EXPECT_FALSE(document.steps().canUndo());
  document.steps().redo();
  EXPECT_EQ(*document.at("/layout/pp"), 16);
  document.remove("/layout/pp");
  EXPECT_EQ(document.at("/layout/pp"), nullptr);
  document.steps().undo();
  EXPECT_EQ(*document.at("/layout/pp"), 16);
}

TEST(ScenarioDocumentTest, ElementsOfArraysAreSetAddedAndRemoved) {
  ScenarioDocument document;
  document.setText(R"({"shifts": [{"step": 1}, {"step": 2}]})");
  document.set("/shifts/1/step", 7);
  document.set("/shifts/2", Json{{"step", 9}});
  EXPECT_EQ(*document.at("/shifts/2/step"), 9);
  document.remove("/shifts/0");
  EXPECT_EQ(*document.at("/shifts"), Json::parse(R"([{"step": 7}, {"step": 9}])"));
  for (const char* place : {"/shifts/2", "/shifts/-1", "/shifts/x", "/shifts/01x", "/shifts/0/step/a"})
    EXPECT_EQ(document.at(place), nullptr) << place;
  document.remove("/shifts/2");
  document.steps().undo();
  EXPECT_EQ(document.at("/shifts")->size(), 3U);
}

TEST(ScenarioDocumentTest, ATakenScenarioIsOfNoFile) {
  ScenarioDocument document;
  ASSERT_EQ(document.load(QStringLiteral("deepseek-v3-pretrain-2048xh800")), QString());
  document.set("/layout/pp", 8);
  document.take(Json{{"kind", "training"}}, QStringLiteral("best-2"), QStringLiteral("/tmp"));
  EXPECT_EQ(document.root(), (Json{{"kind", "training"}}));
  EXPECT_EQ(document.name(), QStringLiteral("best-2"));
  EXPECT_EQ(document.folder(), QStringLiteral("/tmp"));
  EXPECT_TRUE(document.path().isEmpty());
  EXPECT_FALSE(document.isDirty());
}

TEST(ScenarioDocumentTest, WhatIsNoScenarioChangesNothing) {
  ScenarioDocument document;
  document.setText(R"({"kind": "training"})");
  for (const char* text : {"", "{", "[1]", "{\"a\": 1, \"a\": 2}", "{\"a\": NaN}"})
    EXPECT_FALSE(document.setText(QString::fromUtf8(text)).isEmpty()) << text;
  EXPECT_FALSE(document.load(QStringLiteral("/no/such/file.json")).isEmpty());
  EXPECT_FALSE(document.load(QStringLiteral("no-such-scenario")).isEmpty());
  EXPECT_EQ(document.kind(), QStringLiteral("training"));
}

TEST(ScenarioDocumentTest, SavesAsAWholeAndKnowsWhatIsSaved) {
  const QTemporaryDir folder;
  ScenarioDocument document;
  ASSERT_EQ(document.load(QStringLiteral("deepseek-v3-pretrain-2048xh800")), QString());
  EXPECT_TRUE(document.path().isEmpty());
  EXPECT_FALSE(document.save().isEmpty());
  document.set("/layout/pp", 8);
  EXPECT_TRUE(document.isDirty());
  const QString path = folder.filePath(QStringLiteral("mine.json"));
  ASSERT_EQ(document.saveAs(path), QString());
  EXPECT_FALSE(document.isDirty());
  EXPECT_EQ(document.name(), QStringLiteral("mine"));
  document.set("/layout/pp", 4);
  EXPECT_TRUE(document.isDirty());
  ASSERT_EQ(document.save(), QString());
  ScenarioDocument again;
  ASSERT_EQ(again.load(path), QString());
  EXPECT_EQ(*again.at("/layout/pp"), 4);
  document.steps().undo();
  EXPECT_TRUE(document.isDirty());
}

TEST(ScenarioDocumentTest, AFailedSaveIsToldAndStaysDirty) {
  ScenarioDocument document;
  document.setText(R"({"kind": "training"})");
  const QString message = document.saveAs(QStringLiteral("/no/such/folder/mine.json"));
  EXPECT_TRUE(message.contains(QStringLiteral("/no/such/folder"))) << message.toStdString();
  EXPECT_TRUE(document.isDirty());
  EXPECT_TRUE(document.path().isEmpty());
  const QTemporaryDir folder;  // a folder is no file
  EXPECT_FALSE(document.saveAs(folder.path()).isEmpty());
}

TEST(ScenarioCatalogTest, EveryShippedScenarioHasALine) {
  ScenarioCatalog catalog;
  const QAbstractItemModelTester tester(&catalog, QAbstractItemModelTester::FailureReportingMode::Fatal);
  EXPECT_GT(catalog.rowCount(), 30);
  for (int row = 0; row < catalog.rowCount(); ++row)
    for (int column = 0; column < ScenarioCatalog::kNumColumns; ++column)
      EXPECT_FALSE(catalog.index(row, column).data().toString().isEmpty()) << row << " " << column;
}

TEST(ScenarioCatalogTest, ScenariosAreToldFromResults) {
  EXPECT_TRUE(isScenarioFile(QStringLiteral("workloads/scenarios/deepseek-v3-routing-quick.json")));
  EXPECT_FALSE(isScenarioFile(QStringLiteral("models/catalog/deepseek-v3.json")));
  EXPECT_FALSE(isScenarioFile(QStringLiteral("workloads/scenarios")));
  EXPECT_FALSE(isScenarioFile(QStringLiteral("/no/such/file.json")));
}

TEST(ScenarioCatalogTest, LinesNameWhatIsSimulated) {
  const Json serving = Json::parse(
      R"({"model": "m", "cluster": {"base": "c"}, "deployment": {"decode": {"units": 2, "layout": {"gpus": 16}}}})");
  EXPECT_EQ(scenarioLine(serving), QStringLiteral("m on c: decode 2 x 16 GPUs"));
  EXPECT_EQ(scenarioLine(Json(3)), QString());
  EXPECT_EQ(scenarioLine(Json::object()), QString());
}

}  // namespace
}  // namespace moesim::gui
