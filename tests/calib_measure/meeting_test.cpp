#include "calib/measure/meeting.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace moesim {
namespace {

/// What an all-reduce by maximum leaves on every rank.
MeetingWords largest_of(const std::vector<MeetingWords>& ranks) {
  MeetingWords words = ranks.front();
  for (const MeetingWords& rank : ranks)
    for (std::size_t i = 0; i < words.size(); ++i) words[i] = std::max(words[i], rank[i]);
  return words;
}

TEST(Meeting, RanksOfOnePurposeGetTheLargestValue) {
  for (int purpose : {0, 1, 2}) {
    const auto words =
        largest_of({meeting_words(purpose, -3), meeting_words(purpose, -1), meeting_words(purpose, -2)});
    EXPECT_TRUE(have_met(words));
    EXPECT_EQ(words.front(), -1);
  }
}

TEST(Meeting, OneRankOfAnotherPurposeIsNoticedByAll) {
  for (int other : {0, 2, 3})
    EXPECT_FALSE(have_met(largest_of({meeting_words(1, 5), meeting_words(other, 5), meeting_words(1, 5)})));
}

}  // namespace
}  // namespace moesim
