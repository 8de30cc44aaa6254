#include "gui/models/plan_process.hpp"

#include <gtest/gtest.h>

#include <QSignalSpy>
#include <nlohmann/json.hpp>

#include "gui/models/schema_source.hpp"
#include "tests/gui_models/fake_moesim.hpp"

namespace moesim::gui {
namespace {

using test::FakeMoesim;

constexpr int kPatienceMs = 20'000;

PlanAnswer answerOf(PlanProcess& process) {
  QSignalSpy spy(&process, &PlanProcess::answered);
  if (!spy.wait(kPatienceMs)) return {nullptr, {}, "no answer"};
  return spy.takeFirst().at(0).value<PlanAnswer>();
}

struct LineRow {
  const char* line;
  RunFault fault;
};

TEST(RunFaultTest, LinesOfStandardErrorAreTakenApart) {
  const LineRow rows[] = {
      {"moesim: -: /layout/pp: expected a whole number, got the text 'x'; write it without quotes",
       {"-", "/layout/pp", "expected a whole number, got the text 'x'", "write it without quotes"}},
      {"moesim: -: 2:1: not JSON; close with }", {"-", "", "2:1: not JSON", "close with }"}},
      {"moesim: my.json: /nic: unknown key; nics", {"my.json", "/nic", "unknown key", "nics"}},
      {"moesim: out of memory", {"", "", "out of memory", ""}},
      {"Segmentation fault", {"", "", "Segmentation fault", ""}},
      {"", {"", "", "", ""}},
  };
  for (const LineRow& row : rows) EXPECT_EQ(faultOfLine(QString::fromUtf8(row.line)), row.fault) << row.line;
}

TEST(PlanAnswerTest, ViolationsAndFaultsOfTheScenario) {
  const PlanAnswer good = planAnswer("{\"model\": \"m\", \"violations\": []}", "", 0);
  ASSERT_TRUE(good.plan);
  EXPECT_TRUE(good.faults.isEmpty());
  const PlanAnswer violated = planAnswer(R"({"violations": [{"pointer": "/a", "what": "w", "hint": "h"}]})",
                                         "moesim: -: /a: w; h\n", 3);
  EXPECT_EQ(violated.faults, (QVector<RunFault>{{"", "/a", "w", "h"}}));
  const PlanAnswer refused = planAnswer("", "moesim: -: /a: w; h\nmoesim: -: /b: v\n", 3);
  EXPECT_FALSE(refused.plan);
  EXPECT_EQ(refused.faults, (QVector<RunFault>{{"-", "/a", "w", "h"}, {"-", "/b", "v", ""}}));
  EXPECT_FALSE(planAnswer("{\"violations\":", "", 0).message.isEmpty());
  EXPECT_TRUE(planAnswer("", "moesim: usage\n", 2).message.contains(QStringLiteral("exit code 2")));
}

TEST(PlanProcessTest, OnlyTheLastScenarioIsAnswered) {
  const FakeMoesim program("cat\n");
  PlanProcess process;
  QSignalSpy spy(&process, &PlanProcess::answered);
  for (int i = 0; i < 5; ++i) process.check("{\"n\": " + QByteArray::number(i) + "}", {});
  EXPECT_TRUE(process.isBusy());
  ASSERT_TRUE(spy.wait(kPatienceMs));
  EXPECT_EQ(spy.size(), 1);
  EXPECT_EQ(spy[0][0].value<PlanAnswer>().plan->at("n"), 4);
  EXPECT_FALSE(process.isBusy());
}

TEST(PlanProcessTest, AChildThatDiesOrIsNotThereIsAMessage) {
  PlanProcess process;
  {
    const FakeMoesim program("kill -9 $$\n");
    process.check("{}", {});
    EXPECT_TRUE(answerOf(process).message.contains(QStringLiteral("signal")));
  }
  setMoesimProgram(QStringLiteral("/no/such/moesim"));
  process.check("{}", {});
  EXPECT_TRUE(answerOf(process).message.contains(QStringLiteral("cannot be started")));
  setMoesimProgram({});
}

TEST(PlanProcessTest, TheProgramSaysWhatTheCommandLineSays) {
  if (moesimProgram().isEmpty()) GTEST_SKIP() << "moesim is not built";
  PlanProcess process;
  process.check(R"({"kind": "training", "schema_version": 1, "layout": {"pp": "x"}})", {});
  const PlanAnswer answer = answerOf(process);
  const auto at = std::ranges::find(answer.faults, QStringLiteral("/layout/pp"), &RunFault::pointer);
  ASSERT_NE(at, answer.faults.end());
  EXPECT_EQ(at->text(), QStringLiteral("expected a whole number, got the text 'x'; write it without quotes"));
}

TEST(SchemaSourceTest, AsksOnceAndTellsFailures) {
  const FakeMoesim program(
      "echo x >> \"$0.asked\"; [ $3 = training ] && echo '{\"title\": \"t\"}' || exit 2\n");
  SchemaSource source;
  QSignalSpy arrived(&source, &SchemaSource::arrived);
  QSignalSpy failed(&source, &SchemaSource::failed);
  EXPECT_FALSE(source.schema(QStringLiteral("training")));
  EXPECT_FALSE(source.schema(QStringLiteral("training")));
  ASSERT_TRUE(arrived.wait(kPatienceMs));
  EXPECT_TRUE(source.schema(QStringLiteral("training")));
  EXPECT_FALSE(source.schema(QStringLiteral("foo")));
  ASSERT_TRUE(failed.wait(kPatienceMs));
  QFile asked(program.place("moesim.asked"));
  ASSERT_TRUE(asked.open(QIODevice::ReadOnly));
  EXPECT_EQ(asked.readAll().count('x'), 2);
}

}  // namespace
}  // namespace moesim::gui
