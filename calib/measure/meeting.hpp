#pragma once

#include <array>
#include <cstddef>

namespace moesim {

inline constexpr std::size_t kMeetingWords = 3;
/// What a rank gives when ranks meet to find the largest of a value, of which each word's maximum over the
/// ranks is taken. Ranks that meet for different purposes are out of step: each took the other's value for
/// its own.
using MeetingWords = std::array<double, kMeetingWords>;

/// The value, and the purpose as its largest and its smallest.
constexpr MeetingWords meeting_words(int purpose, double value) {
  return {value, static_cast<double>(purpose), -static_cast<double>(purpose)};
}

/// Of the maxima: whether all ranks met for one purpose.
constexpr bool have_met(const MeetingWords& largest) {
  return largest[1] == -largest[2];
}

}  // namespace moesim
