#include "sim/routing_run/task_pool.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace moesim {
namespace {

class Threads : public testing::TestWithParam<int> {};

TEST_P(Threads, DoEveryTaskOnce) {
  TaskPool pool(GetParam());
  for (int round = 0; round < 50; ++round) {
    std::vector<std::atomic<int>> done(17);
    pool.run(done.size(), [&](std::size_t task, std::size_t thread) {
      EXPECT_LT(thread, pool.num_threads());
      ++done[task];
    });
    for (const auto& count : done) EXPECT_EQ(count, 1);
  }
  pool.run(0, [](std::size_t, std::size_t) { ADD_FAILURE(); });
}

TEST_P(Threads, PassAFaultOnAndGoOn) {
  TaskPool pool(GetParam());
  const auto fault = [](std::size_t task, std::size_t) {
    if (task == 3) throw std::runtime_error("task 3");
  };
  EXPECT_THROW(pool.run(8, fault), std::runtime_error);
  std::atomic<int> done = 0;
  pool.run(8, [&](std::size_t, std::size_t) { ++done; });
  EXPECT_EQ(done, 8);
}

INSTANTIATE_TEST_SUITE_P(Counts, Threads, testing::Values(0, 1, 2, 5),
                         [](const auto& info) { return "On" + std::to_string(info.param); });

}  // namespace
}  // namespace moesim
