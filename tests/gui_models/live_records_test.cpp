#include "gui/models/live_records.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace moesim::gui {
namespace {

constexpr const char* kSpan =
    R"({"event": "record", "start_s": 1, "end_s": 2.5, "gpu": 3, "rank": 2, "layer": -1, "microbatch": 7, )"
    R"("phase": "attention_forward", "lane": "computation", "pass": "forward"})"
    "\n";
constexpr const char* kLoad =
    R"({"event": "record", "stream": "expert_load", "step": 4, "layer": 3, "tokens": [1, 9, 2]})"
    "\n";
constexpr const char* kPart =
    R"({"event": "record", "series": "batch", "unit": "requests", "time_s": [0, 1], "value": [5, 6]})"
    "\n";

QVector<LiveEvent> eventsOf(const QByteArray& bytes) {
  LiveRecords records;
  records.feed(bytes);
  records.finish();
  return records.takeEvents();
}

TEST(LiveRecordsTest, RecordsOfEachFormGoIntoOneDocument) {
  LiveRecords records;
  records.feed(R"({"event":"start","scenario":{"kind":"training","model":"m"}})"
               "\n");
  records.feed(kSpan);
  records.feed(kLoad);
  records.feed(kPart);
  records.feed(kPart);
  records.feed(R"({"event": "record", "histogram": "ttft_s", "unit": "s", "edge": [1, 2], "weight": [0, 5]})"
               "\n");
  EXPECT_TRUE(records.hasNews());
  const DocumentPtr document = records.snapshot();
  EXPECT_FALSE(records.hasNews());
  EXPECT_TRUE(document->path().isEmpty());
  EXPECT_EQ(document->kind(), QStringLiteral("training"));
  ASSERT_EQ(document->timeline().spans().size(), 1U);
  const Span& span = document->timeline().spans()[0];
  EXPECT_EQ(span.end_s, 2.5);
  EXPECT_EQ(span.gpu, 3);
  EXPECT_EQ(span.microbatch, 7);
  EXPECT_EQ(document->names().phases.at(span.phase), "attention_forward");
  EXPECT_EQ(document->names().lanes.at(span.lane), "computation");
  ASSERT_TRUE(document->loadsInMemory("expert_load"));
  EXPECT_EQ(document->loadsInMemory("expert_load")->row(0, 0)[1], 9U);
  ASSERT_NE(document->series("batch"), nullptr);
  EXPECT_EQ(document->series("batch")->value, (std::vector<double>{5, 6, 5, 6}));
  ASSERT_NE(document->histogram("ttft_s"), nullptr);
  EXPECT_EQ(document->histogram("ttft_s")->weight, (std::vector<double>{0, 5}));
}

TEST(LiveRecordsTest, LinesMayBeCutAnywhere) {
  const QByteArray whole = QByteArray(kSpan) + kLoad + kPart;
  for (qsizetype cut = 0; cut <= whole.size(); ++cut) {
    LiveRecords records;
    records.feed(whole.left(cut));
    records.feed(whole.mid(cut));
    EXPECT_EQ(records.numBrokenLines(), 0U) << cut;
    const DocumentPtr document = records.snapshot();
    EXPECT_EQ(document->timeline().spans().size(), 1U) << cut;
    EXPECT_TRUE(document->hasLoads("expert_load")) << cut;
    EXPECT_NE(document->series("batch"), nullptr) << cut;
  }
}

TEST(LiveRecordsTest, BrokenLinesAreToldOnceAndTheRestIsRead) {
  const auto rows = std::to_array<const char*>({
      "no json\n",
      "{\"event\": \"record\", \"start_s\": nan}\n",
      "{\"event\": \"record\", \"start_s\": 1}\n",
      "{\"event\": \"what\"}\n",
      "[1, 2]\n",
      "{\"event\": 4}\n",
      "{\"event\": \"record\", \"stream\": \"s\", \"step\": 0, \"layer\": 99999, \"tokens\": [1]}\n",
      "{\"event\": \"record\", \"stream\": \"s\", \"step\": 0, \"layer\": 1, \"tokens\": []}\n",
      "{\"event\": \"record\", \"series\": \"s\", \"time_s\": [1], \"value\": []}\n",
      "\xff\xfe\n",
  });
  LiveRecords records;
  for (const char* row : rows) records.feed(row);
  records.feed(kSpan);
  EXPECT_EQ(records.numBrokenLines(), rows.size());
  EXPECT_EQ(records.snapshot()->timeline().spans().size(), 1U);
  const auto events = records.takeEvents();
  ASSERT_EQ(events.size(), 1);
  EXPECT_EQ(events[0].kind, LiveEvent::Kind::broken);
}

TEST(LiveRecordsTest, LastLineNeedsNoEnd) {
  const auto events = eventsOf(R"({"event":"progress","fraction":0.25,"what":"steps"})");
  ASSERT_EQ(events.size(), 1);
  EXPECT_EQ(events[0].kind, LiveEvent::Kind::progress);
  EXPECT_EQ(events[0].fraction, 0.25);
  EXPECT_EQ(events[0].text, QStringLiteral("steps"));
}

TEST(LiveRecordsTest, OutputThatEndsInsideALineIsBroken) {
  const QByteArray whole(kSpan);
  const auto events = eventsOf(whole + whole.left(40));
  ASSERT_EQ(events.size(), 1);
  EXPECT_EQ(events[0].kind, LiveEvent::Kind::broken);
}

TEST(LiveRecordsTest, FaultsComeWithTheirPlace) {
  const auto events = eventsOf(
      R"({"event":"error","kind":"plan","exit_code":3,"faults":[{"file":"-","pointer":"/layout/pp","what":"no","hint":"8"}]})");
  ASSERT_EQ(events.size(), 1);
  EXPECT_EQ(events[0].faults, (QVector<RunFault>{{"-", "/layout/pp", "no", "8"}}));
}

TEST(LiveRecordsTest, DoneGivesTheResult) {
  LiveRecords records;
  records.feed(R"({"event":"done","result":{"schema_version":1,"kind":"serving","summary":{"x":1}}})"
               "\n");
  EXPECT_TRUE(records.isDone());
  EXPECT_EQ(records.snapshot()->summary().at("x"), 1);
}

TEST(LiveRecordsTest, ALineWithoutEndIsSkipped) {
  LiveRecords records;
  const QByteArray part(8'000'000, 'x');
  for (int i = 0; i < 9; ++i) records.feed(part);
  records.feed("x\n");
  records.feed(kSpan);
  EXPECT_EQ(records.numBrokenLines(), 1U);
  EXPECT_EQ(records.numSpans(), 1U);
}

TEST(LiveRecordsTest, WhatIsTooMuchIsLeftOutWithOneWarning) {
  LiveRecords records(2, 4);
  for (int i = 0; i < 5; ++i) records.feed(kSpan);
  for (int i = 0; i < 3; ++i) records.feed(kLoad);
  records.feed(kPart);
  EXPECT_EQ(records.numBrokenLines(), 0U);
  const DocumentPtr document = records.snapshot();
  EXPECT_EQ(document->timeline().spans().size(), 2U);
  EXPECT_EQ(document->loadsInMemory("expert_load")->steps().size(), 1U);
  EXPECT_NE(document->series("batch"), nullptr);
  const auto events = records.takeEvents();
  ASSERT_EQ(events.size(), 1);
  EXPECT_EQ(events[0].kind, LiveEvent::Kind::warning);
}

TEST(LiveRecordsTest, RowsOfAnotherWidthAreBroken) {
  LiveRecords records;
  records.feed(kLoad);
  records.feed(R"({"event": "record", "stream": "expert_load", "step": 5, "layer": 3, "tokens": [1, 9]})"
               "\n");
  EXPECT_EQ(records.numBrokenLines(), 1U);
  EXPECT_EQ(records.snapshot()->loadsInMemory("expert_load")->steps().size(), 1U);
}

}  // namespace
}  // namespace moesim::gui
