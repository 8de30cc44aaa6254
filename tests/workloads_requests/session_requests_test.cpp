#include <gtest/gtest.h>

#include <map>

#include "base/error.hpp"
#include "workloads/requests/request_source.hpp"

namespace moesim {
namespace {

WorkloadSpec conversations() {
  WorkloadSpec spec;
  spec.arrivals.emplace().rate_per_s = 2;
  SessionSpec& sessions = spec.sessions.emplace();
  sessions.turns = 4;
  sessions.system_tokens = 128;
  sessions.systems = 2;
  spec.input_tokens = 200;
  spec.output_tokens = 100;
  spec.requests = 4000;
  return spec;
}

std::vector<Request> all_of(const WorkloadSpec& spec, double from_s = 0) {
  const OpenedWorkload opened = open_workload(spec, "scenario.json", 7, from_s);
  EXPECT_TRUE(opened.has_blocks);
  std::vector<Request> requests;
  Request request;
  while (opened.source->next(request)) requests.push_back(request);
  return requests;
}

// Constant lengths: turn t has 128 + 200 + 300 t tokens, and all whole blocks of the turn before again.
TEST(Sessions, ATurnHoldsAllThatWasSaid) {
  std::map<std::int64_t, Request> last;
  double before = 0;
  for (const Request& request : all_of(conversations())) {
    EXPECT_GE(request.arrival_s, before);
    before = request.arrival_s;
    ASSERT_EQ(request.blocks.size(), static_cast<std::size_t>(request.input_tokens / 64));
    const auto earlier = last.find(request.session);
    if (earlier == last.end()) {
      EXPECT_EQ(request.input_tokens, 128 + 200);
    } else {
      const Request& turn = earlier->second;
      EXPECT_EQ(request.input_tokens, turn.input_tokens + 100 + 200);
      EXPECT_GE(request.arrival_s, turn.arrival_s + 100 / 20.0);
      EXPECT_TRUE(std::equal(turn.blocks.begin(), turn.blocks.end(), request.blocks.begin()));
    }
    last[request.session] = request;
  }
}

// Two system prompts of two blocks; the third block of a conversation is its own.
TEST(Sessions, ShareTheirSystemPromptAndNothingElse) {
  std::map<std::uint64_t, int> second;
  std::map<std::uint64_t, std::int64_t> owner;
  for (const Request& request : all_of(conversations())) {
    ++second[request.blocks[1]];
    const auto [known, fresh] = owner.try_emplace(request.blocks[2], request.session);
    EXPECT_TRUE(fresh || known->second == request.session);
  }
  EXPECT_EQ(second.size(), 2U);
}

// Requests over conversations: the mean of a geometric law, 4, less what the end of the trace cuts off. Of
// 4,000 requests in some 1,000 conversations its deviation is sqrt(12 / 1000) = 0.11.
TEST(Sessions, HaveTheirMeanNumberOfTurns) {
  WorkloadSpec spec = conversations();
  spec.sessions->think_time = Seconds(0.5);
  std::map<std::int64_t, int> turns;
  for (const Request& request : all_of(spec)) ++turns[request.session];
  EXPECT_NEAR(4000.0 / static_cast<double>(turns.size()), 4, 3 * 0.11 + 0.1);
}

TEST(Sessions, AWindowIsPartOfTheWhole) {
  const std::vector<Request> whole = all_of(conversations());
  const std::vector<Request> window = all_of(conversations(), 100);
  ASSERT_LT(window.size(), whole.size());
  for (std::size_t i = 1; i <= window.size(); ++i) {
    EXPECT_EQ(window[window.size() - i].arrival_s, whole[whole.size() - i].arrival_s);
    EXPECT_EQ(window[window.size() - i].blocks, whole[whole.size() - i].blocks);
  }
}

TEST(Sessions, NeedArrivals) {
  WorkloadSpec spec = conversations();
  spec.arrivals.reset();
  spec.concurrency = 4;
  EXPECT_THROW((void)open_workload(spec, "scenario.json", 1), SpecError);
}

}  // namespace
}  // namespace moesim
