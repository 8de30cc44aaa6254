// Pruning against its slow twin, which replays every layout that fits.
#include <gtest/gtest.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "sim/planner/search/training_ranking.hpp"
#include "tests/sim_planner_search/training_spaces.hpp"

namespace moesim {
namespace {

using tests::LayoutSpace;
using tests::SpaceSize;

class TrainingSpaces : public testing::TestWithParam<tests::MakeSpace> {};

/// All layouts of a space in the order of their scores, by replays of all that fit.
struct Replayed {
  std::vector<TrainingCandidate> candidates;
  std::vector<Json> best;  ///< changes
};

Replayed replay_all(const LayoutSpace& space) {
  TrainingSearch search = space.search;
  search.exhaustive = true;
  const Json complete = write_spec(read_spec<TrainingScenario>(space.scenario, space.file));
  const TrainingSpace layouts(complete, space.file, search.axes, {});
  const TrainingCandidates source(layouts, search);
  Replayed out{source.classify(), {}};
  rank_layouts(source, search, out.candidates);
  for (const std::size_t i : best_layouts(out.candidates, search.num_best))
    out.best.push_back(layouts.changes(out.candidates[i].index));
  return out;
}

TEST_P(TrainingSpaces, BestTwentyAreThoseOfTheWholeSpace) {
  const LayoutSpace space = GetParam()(SpaceSize::quick);
  const Json pruned = search_training(space.scenario, space.file, space.search)["summary"];
  const Replayed whole = replay_all(space);
  std::size_t evaluated = 0;
  for (const TrainingCandidate& candidate : whole.candidates) {
    if (candidate.state != LayoutState::evaluated) continue;
    ++evaluated;
    EXPECT_LE(candidate.bound, candidate.score) << candidate.index;
  }
  std::cout << space.name << ": " << pruned["evaluated"] << " of " << evaluated << " layouts replayed, "
            << pruned["pruned_by_memory"] << " too large, " << pruned["invalid"] << '\n';
  std::vector<Json> best;
  for (const Json& entry : pruned["best"]) best.push_back(entry["changes"]);
  EXPECT_EQ(best, whole.best);
  EXPECT_EQ(best.size(), space.search.num_best) << "a space too small to say anything";
  EXPECT_GT(pruned["pruned_by_bound"], 0);
  EXPECT_EQ(pruned["evaluated"].get<std::size_t>() + pruned["pruned_by_bound"].get<std::size_t>(), evaluated);
  EXPECT_EQ(pruned["layouts_total"].get<std::size_t>(),
            evaluated + pruned["pruned_by_memory"].get<std::size_t>());
}

INSTANTIATE_TEST_SUITE_P(All, TrainingSpaces, testing::ValuesIn(tests::kLayoutSpaces));

// Fewer best than a round of replays, so that many layouts are pruned.
TEST(TrainingSearch, IsTheSameOnAnyNumberOfThreads) {
  LayoutSpace space = tests::mixtral_space(SpaceSize::quick);
  space.search.num_best = 3;
  space.search.threads = 1;
  const Json one = search_training(space.scenario, space.file, space.search);
  EXPECT_GT(one["summary"]["pruned_by_bound"], 0);
  space.search.threads = 3;
  EXPECT_EQ(write_json(search_training(space.scenario, space.file, space.search)), write_json(one));
}

}  // namespace
}  // namespace moesim
