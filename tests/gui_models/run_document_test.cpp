#include "gui/models/run_document.hpp"

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "gui/models/document_list.hpp"
#include "gui/models/document_loader.hpp"
#include "gui/models/figure_model.hpp"
#include "tests/own_file.hpp"

namespace moesim::gui {
namespace {

using test::OwnFile;

constexpr const char* kResult =
    R"({"schema_version": 1, "kind": "training", "model": "m", "warnings": ["assumed"],
        "scenario": {"published": [{"key": "step_time_s", "value": 2.0, "source": "report"}]},
        "summary": {"step_time_s": 2.5, "phases_s": {"forward": 1.0}}})";

/// A record file with two rows of spans and one load stream.
void writeRecords(const std::filesystem::path& path) {
  StoreWriter writer(path);
  writer.add(Span{2, 3, 1, 0, 4, 0, 0, 1, 0});
  writer.add(Span{1, 2, 0, 0, 4, 0, 0, 0, 0});
  writer.add(Span{0.5, 1, 0, 0, 3, 0, 0, 0, 0});
  const std::array<std::uint32_t, 4> tokens{1, 2, 3, 10};
  for (const std::int64_t step : {0, 2}) writer.add("expert_load", LoadRow{step, 5, tokens});
  writer.add(Series{"batch", "requests", {0, 1}, {3, 4}});
  writer.set_meta("summary", kResult);
  writer.commit();
}

QString text(const std::filesystem::path& path) {
  return QString::fromStdString(path.string());
}

TEST(RunDocumentTest, RecordFilesGiveSpansByRowSeriesAndLoads) {
  const OwnFile file("records.moesim");
  writeRecords(file.path());
  const DocumentPtr document = RunDocument::load(text(file.path()));
  ASSERT_TRUE(document);
  EXPECT_EQ(document->kind(), QStringLiteral("training"));
  ASSERT_EQ(document->timeline().rows().size(), 2U);
  EXPECT_EQ(document->timeline().rows()[0].gpu, 0);
  EXPECT_EQ(document->timeline().spans(document->timeline().rows()[0])[0].start_s, 0.5);
  EXPECT_EQ(document->timeline().end_s(), 3);
  ASSERT_NE(document->series("batch"), nullptr);
  EXPECT_FALSE(document->loadsInMemory("expert_load"));
  const auto loads = document->loads("expert_load");
  ASSERT_EQ(loads->steps().size(), 2U);
  EXPECT_EQ(loads->row(1, 0)[3], 10U);
  EXPECT_EQ(document->loadsInMemory("expert_load"), loads);
  EXPECT_TRUE(document->loads("no_such_stream")->empty());
}

TEST(RunDocumentTest, LoadingEndsWhereProgressSaysSo) {
  const OwnFile file("records.moesim");
  writeRecords(file.path());
  EXPECT_FALSE(RunDocument::load(text(file.path()), [](double) { return false; }));
}

TEST(RunDocumentTest, WhatIsNoResultIsAFault) {
  EXPECT_THROW(RunDocument::load(QStringLiteral("/no/such/file")), SpecError);
  const OwnFile file("other.json");
  std::ofstream(file.path()) << R"({"a": 1})";
  EXPECT_THROW(RunDocument::load(text(file.path())), SpecError);
  std::ofstream(file.path()) << R"({"schema_version": 999, "kind": "training"})";
  EXPECT_THROW(RunDocument::load(text(file.path())), SpecError);
  const OwnFile garbage("garbage.moesim");
  std::ofstream(garbage.path()) << "SQLite format 3 or not";
  EXPECT_ANY_THROW(RunDocument::load(text(garbage.path())));
}

TEST(RunDocumentTest, TruncatedRecordsNameTheFileAndWhatToDo) {
  const OwnFile file("records.moesim");
  writeRecords(file.path());
  std::filesystem::resize_file(file.path(), std::filesystem::file_size(file.path()) / 2);
  try {
    static_cast<void>(RunDocument::load(text(file.path())));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const SpecError& error) {
    EXPECT_EQ(error.file, file.path().string());
    EXPECT_TRUE(error.what_text.starts_with("is cut off or damaged")) << error.what_text;
    EXPECT_FALSE(error.hint.empty());
  }
}

TEST(RunDocumentTest, RecordsOfANewerResultAreRefused) {
  const OwnFile file("newer.moesim");
  StoreWriter writer(file.path());
  writer.set_meta("summary", R"({"schema_version": 2, "kind": "training"})");
  writer.commit();
  EXPECT_THROW(RunDocument::load(text(file.path())), SpecError);
}

TEST(DocumentLoaderTest, LoadsAndFailsOffTheThread) {
  const OwnFile file("records.moesim");
  writeRecords(file.path());
  DocumentLoader loader;
  QSignalSpy loaded(&loader, &DocumentLoader::loaded);
  QSignalSpy failed(&loader, &DocumentLoader::failed);
  loader.load(text(file.path()));
  loader.load(QStringLiteral("/no/such/file"));
  ASSERT_TRUE(failed.wait(10'000));
  EXPECT_EQ(loaded.size(), 1);
  EXPECT_TRUE(failed[0][1].toString().contains(QStringLiteral("is not there")));
  EXPECT_FALSE(loader.isBusy());
}

TEST(DocumentListTest, KeepsTheRulesOfModels) {
  DocumentList list;
  const QAbstractItemModelTester tester(&list, QAbstractItemModelTester::FailureReportingMode::Fatal);
  RunParts parts;
  parts.path = QStringLiteral("a/records.moesim");
  EXPECT_EQ(list.add(std::make_shared<const RunDocument>(parts)), 0);
  EXPECT_EQ(list.add(std::make_shared<const RunDocument>(parts)), 0);
  parts.path = QStringLiteral("b.json");
  EXPECT_EQ(list.add(std::make_shared<const RunDocument>(parts)), 1);
  EXPECT_EQ(list.index(0).data().toString(), QStringLiteral("a"));
  list.remove(0);
  EXPECT_EQ(list.rowCount(), 1);
}

TEST(RunDocumentTest, ValuesThatAreNoNumbersAreTold) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  RunParts parts;
  parts.result = std::make_shared<const Json>(Json::parse(R"({"warnings": ["assumed", 3]})"));
  parts.series = {{"node/queue", "requests", {0, 1, 2}, {5, kNan, 7}}, {"rate", "", {0, 1}, {1, 2}}};
  parts.timeline = std::make_shared<const pictures::SpanTimeline>(
      std::vector<Span>{{kNan, 3, 0, 0, 5, 0, 0, 0, 0}, {1, 3, 0, 0, 5, 0, 0, 0, 0}});
  EXPECT_EQ(RunDocument(parts).warnings(),
            QStringList({QStringLiteral("assumed"),
                         QStringLiteral(
                             "1 of 3 values of the curve node/queue are no finite numbers and are left out"),
                         QStringLiteral("1 spans without usable times are left out")}));
}

TEST(RunDocumentTest, ADocumentWithoutAPathIsARunInProgressUnlessItSaysWhat) {
  RunParts parts;
  EXPECT_EQ(RunDocument(parts).title(), QStringLiteral("run in progress"));
  parts.title = QStringLiteral("failed run");
  EXPECT_EQ(RunDocument(parts).title(), QStringLiteral("failed run"));
  parts.path = QStringLiteral("a/records.moesim");
  EXPECT_EQ(RunDocument(parts).title(), QStringLiteral("a"));
}

TEST(FigureModelTest, TheBubbleSaysWhatItIs) {
  RunParts parts;
  parts.result = std::make_shared<const Json>(
      Json::parse(R"({"summary": {"bubble_fraction_mean": 0.077, "step_time_s": 1}})"));
  FigureModel model;
  model.setDocument(std::make_shared<const RunDocument>(parts));
  const QString tip = model.index(0, FigureModel::kValue).data(Qt::ToolTipRole).toString();
  EXPECT_TRUE(tip.startsWith(QStringLiteral("bubble_fraction_mean\n"))) << tip.toStdString();
  EXPECT_TRUE(tip.contains(QStringLiteral("between and after passes")));
  EXPECT_EQ(model.index(1, FigureModel::kValue).data(Qt::ToolTipRole).toString(),
            QStringLiteral("step_time_s"));
}

TEST(FigureModelTest, FiguresStandBesideWhatWasPublished) {
  const OwnFile file("summary.json");
  std::ofstream(file.path()) << kResult;
  FigureModel model;
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  model.setDocument(RunDocument::load(text(file.path())));
  ASSERT_EQ(model.rowCount(), 3);
  EXPECT_EQ(model.index(0, FigureModel::kValue).data().toString(), QStringLiteral("2.5 s"));
  EXPECT_EQ(model.index(0, FigureModel::kPublished).data().toString(), QStringLiteral("2 s"));
  EXPECT_EQ(model.index(2, FigureModel::kLabel).data().toString().trimmed(), QStringLiteral("forward"));
  model.setDocument(nullptr);
  EXPECT_EQ(model.rowCount(), 0);
}

}  // namespace
}  // namespace moesim::gui
