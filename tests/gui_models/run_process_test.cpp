#include "gui/models/run_process.hpp"

#include <gtest/gtest.h>

#include <QDir>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QSignalSpy>

#include "tests/gui_models/fake_moesim.hpp"

namespace moesim::gui {
namespace {

using test::FakeMoesim;

constexpr int kPatienceMs = 20'000;
constexpr const char* kDone = R"(echo '{"event":"done","result":{"schema_version":1,"kind":"training"}}')"
                              "\n";

/// How a run with this script ends.
struct RunWatch {
  RunProcess process;
  QSignalSpy finished{&process, &RunProcess::finished};
  QSignalSpy documents{&process, &RunProcess::documentChanged};
  QSignalSpy warnings{&process, &RunProcess::warning};
  QSignalSpy progress{&process, &RunProcess::progress};
  QSignalSpy log{&process, &RunProcess::log};

  RunOutcome end() {
    if (finished.isEmpty() && !finished.wait(kPatienceMs))
      return {RunOutcome::Kind::failed, {}, "no end", {}};
    return finished.takeFirst().at(0).value<RunOutcome>();
  }
};

TEST(RunProcessTest, GivesTheFolderOfARunThatEndsWell) {
  const FakeMoesim program(QByteArray("cat > \"$0.in\"; echo \"$@\" > \"$0.args\"; mkdir \"$6\"\n"
                                      "echo '{\"event\":\"progress\",\"fraction\":0.5,\"what\":\"steps\"}'\n"
                                      "echo 'moesim: a word' >&2\n") +
                           kDone);
  const QString output = program.place("deep/out");
  RunWatch run;
  run.process.start({R"({"kind": "training"})", program.place(""), output, {"--seed", "7"}});
  EXPECT_TRUE(run.process.isRunning());
  const RunOutcome outcome = run.end();
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::finished) << outcome.message.toStdString();
  EXPECT_EQ(outcome.folder, output);
  EXPECT_TRUE(QFileInfo(output).isDir());
  EXPECT_FALSE(run.process.isRunning());
  ASSERT_FALSE(run.progress.isEmpty());
  EXPECT_EQ(run.progress.last().at(0).toDouble(), 0.5);
  ASSERT_FALSE(run.log.isEmpty());
  EXPECT_EQ(run.log.first().at(0).toString(), QStringLiteral("moesim: a word"));
  QFile input(program.place("moesim.in"));
  ASSERT_TRUE(input.open(QIODevice::ReadOnly));
  EXPECT_EQ(input.readAll(), QByteArray(R"({"kind": "training"})"));
  QFile arguments(program.place("moesim.args"));
  ASSERT_TRUE(arguments.open(QIODevice::ReadOnly));
  EXPECT_EQ(QString::fromUtf8(arguments.readAll()).trimmed(),
            QStringLiteral("run - --events - -o %1 --seed 7").arg(output));
}

TEST(RunProcessTest, FaultsAreTold) {
  const FakeMoesim program(
      "echo '{\"event\":\"error\",\"kind\":\"plan\",\"exit_code\":3,\"faults\":[{\"file\":\"-\",\"pointer\":"
      "\"/layout/pp\",\"what\":\"7 does not divide\",\"hint\":\"pp 8\"}]}'; exit 3\n");
  RunWatch run;
  run.process.start({"{}", {}, program.place("out"), {}});
  const RunOutcome outcome = run.end();
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::failed);
  EXPECT_EQ(outcome.message, QStringLiteral("/layout/pp: 7 does not divide; pp 8"));
  ASSERT_EQ(outcome.faults.size(), 1);
  EXPECT_EQ(outcome.faults[0].pointer, QStringLiteral("/layout/pp"));
}

TEST(RunProcessTest, AChildThatIsKilledLeavesAMessageAndWhatItGave) {
  const FakeMoesim program(
      "echo '{\"event\":\"start\",\"scenario\":{\"kind\":\"training\"}}'; mkdir \"$6\"; kill -9 $$\n");
  const QString output = program.place("out");
  RunWatch run;
  run.process.start({"{}", {}, output, {}});
  const RunOutcome outcome = run.end();
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::failed);
  EXPECT_TRUE(outcome.message.contains(QStringLiteral("Killed"))) << outcome.message.toStdString();
  EXPECT_FALSE(QFileInfo::exists(output));
  ASSERT_FALSE(run.documents.isEmpty());
  const auto document = run.documents.last().at(0).value<DocumentPtr>();
  EXPECT_EQ(document->kind(), QStringLiteral("training"));
  EXPECT_EQ(document->title(), QStringLiteral("failed run"));
}

TEST(RunProcessTest, OutputThatIsCutOffIsAFailure) {
  const FakeMoesim program("printf '{\"event\":\"done\",\"resu'\n");
  RunWatch run;
  run.process.start({"{}", {}, program.place("out"), {}});
  const RunOutcome outcome = run.end();
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::failed);
  EXPECT_TRUE(outcome.message.contains(QStringLiteral("without a result")));
  EXPECT_EQ(run.warnings.size(), 1);
}

TEST(RunProcessTest, AnExitCodeWithoutFaultsComesWithTheLastWords) {
  const FakeMoesim program("echo 'moesim: out of memory' >&2; exit 1\n");
  RunWatch run;
  run.process.start({"{}", {}, program.place("out"), {}});
  EXPECT_EQ(run.end().message, QStringLiteral("moesim ended with exit code 1: moesim: out of memory"));
}

TEST(RunProcessTest, CancelEndsTheChild) {
  const FakeMoesim program("exec sleep 60\n");
  RunWatch run;
  QElapsedTimer timer;
  timer.start();
  run.process.start({"{}", {}, program.place("out"), {}});
  run.process.cancel();
  const RunOutcome outcome = run.end();
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::cancelled);
  EXPECT_LT(timer.elapsed(), kPatienceMs);
}

TEST(RunProcessTest, CancelKillsAChildThatDoesNotListen) {
  const FakeMoesim program(
      "trap '' TERM\necho '{\"event\":\"progress\",\"fraction\":0,\"what\":\"x\"}'\n"
      "while :; do sleep 0.1; done\n");
  RunWatch run;
  run.process.start({"{}", {}, program.place("out"), {}});
  ASSERT_TRUE(run.progress.wait(kPatienceMs));
  run.process.cancel(100);
  EXPECT_EQ(run.end().kind, RunOutcome::Kind::cancelled);
}

TEST(RunProcessTest, AProgramThatIsNotThereIsTold) {
  setMoesimProgram(QStringLiteral("/no/such/moesim"));
  RunWatch run;
  run.process.start({"{}", {}, QDir::temp().filePath("moesim-gui-test-out"), {}});
  const RunOutcome outcome = run.end();
  setMoesimProgram({});
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::failed);
  EXPECT_TRUE(outcome.message.contains(QStringLiteral("/no/such/moesim cannot be started")));
}

TEST(RunProcessTest, RunsOneAfterTheOther) {
  const FakeMoesim program(kDone);
  RunWatch run;
  for (int i = 0; i < 3; ++i) {
    run.process.start({"{}", {}, program.place("out"), {}});
    EXPECT_EQ(run.end().kind, RunOutcome::Kind::finished);
  }
}

TEST(RunProcessTest, GoesAwayWhileAChildRuns) {
  const FakeMoesim program("exec sleep 60\n");
  QElapsedTimer timer;
  timer.start();
  {
    RunProcess process;
    QSignalSpy spy(&process, &RunProcess::progress);
    process.start({"{}", {}, program.place("out"), {}});
    spy.wait(200);
  }
  EXPECT_LT(timer.elapsed(), kPatienceMs);
}

TEST(RunProcessTest, TheProgramItselfRuns) {
  if (moesimProgram().isEmpty()) GTEST_SKIP() << "moesim is not built";
  QFile scenario(QStringLiteral("workloads/scenarios/deepseek-v3-routing-quick.json"));
  ASSERT_TRUE(scenario.open(QIODevice::ReadOnly));
  const QTemporaryDir folder;
  RunWatch run;
  run.process.start({scenario.readAll(), {}, folder.filePath("out"), {}});
  ASSERT_TRUE(run.finished.wait(120'000));
  const RunOutcome outcome = run.end();
  ASSERT_EQ(outcome.kind, RunOutcome::Kind::finished) << outcome.message.toStdString();
  const DocumentPtr document = RunDocument::load(outcome.folder);
  EXPECT_TRUE(document->hasLoads("expert_load"));
  EXPECT_FALSE(run.progress.isEmpty());
}

}  // namespace
}  // namespace moesim::gui
