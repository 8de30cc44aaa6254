#include "gui/models/run_later.hpp"

#include <gtest/gtest.h>

#include <QTest>
#include <QThread>
#include <stdexcept>

namespace moesim::gui {
namespace {

constexpr int kPatienceMs = 20'000;

TEST(RunLaterTest, WhatIsDoneAtOnceIsTakenInTheEventLoopOnTheThreadOfTheCaller) {
  QThreadPool pool;
  QObject context;
  int taken = 0;
  runLater(
      pool, &context, [] { return QThread::currentThread(); },
      [&](QThread* worker) {
        ++taken;
        EXPECT_NE(worker, QThread::currentThread());
        EXPECT_EQ(context.thread(), QThread::currentThread());
      });
  pool.waitForDone();
  EXPECT_EQ(taken, 0);  // though the work is done
  ASSERT_TRUE(QTest::qWaitFor([&] { return taken == 1; }, kPatienceMs));
}

TEST(RunLaterTest, NothingIsTakenWhereTheContextIsGoneOrTheWorkThrows) {
  QThreadPool pool;
  int taken = 0;
  {
    QObject context;
    runLater(
        pool, &context, [] { return 1; }, [&](int) { ++taken; });
    pool.waitForDone();
  }
  QObject context;
  runLater(
      pool, &context, []() -> int { throw std::runtime_error("x"); }, [&](int) { ++taken; });
  pool.waitForDone();
  QTest::qWait(20);
  EXPECT_EQ(taken, 0);
}

}  // namespace
}  // namespace moesim::gui
