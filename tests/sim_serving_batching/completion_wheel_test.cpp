#include "sim/serving/batching/completion_wheel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/random.hpp"

namespace moesim {
namespace {

TEST(CompletionWheel, KnowsNothingWhenEmpty) {
  EXPECT_EQ(CompletionWheel().next_due(5), ~std::uint64_t{0});
}

// Against an ordered map, with terms far beyond one turn of the wheel.
TEST(CompletionWheel, GivesWhatIsDueInTurn) {
  CompletionWheel wheel;
  std::map<std::uint32_t, std::uint64_t> due;
  RandomStream stream(1, 4);
  std::uint64_t clock = 0;
  std::uint32_t next = 0;
  for (int i = 0; i < 3000; ++i) {
    for (std::uint64_t n = stream.below(4); n > 0; --n) {
      due[next] = clock + 1 + stream.below(stream.uniform() < 0.1 ? 30000 : 200);
      wheel.push(next, due[next]);
      ++next;
    }
    if (!due.empty() && stream.uniform() < 0.1) {
      wheel.remove(due.begin()->first);
      due.erase(due.begin());
    }
    if (due.empty()) continue;
    const auto earliest = std::min_element(due.begin(), due.end(), [](const auto& a, const auto& b) {
                            return a.second < b.second;
                          })->second;
    const std::uint64_t answer = wheel.next_due(clock);
    ASSERT_GT(answer, clock);
    ASSERT_LE(answer, earliest);
    if (earliest - clock <= 200 && due.size() < 20) {
      // Not earlier than a sequence of another turn makes it.
      ASSERT_TRUE(answer == earliest || std::any_of(due.begin(), due.end(), [&](const auto& item) {
                    return item.second % CompletionWheel::kBuckets == answer % CompletionWheel::kBuckets;
                  }));
    }
    clock = answer;
    std::vector<std::uint32_t> popped;
    wheel.pop_due(clock, popped);
    for (const std::uint32_t sequence : popped) {
      ASSERT_EQ(due.at(sequence), clock);
      due.erase(sequence);
    }
    for (const auto& [sequence, when] : due) ASSERT_GT(when, clock) << sequence;
  }
}

}  // namespace
}  // namespace moesim
