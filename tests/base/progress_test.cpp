#include "base/progress.hpp"

#include <unistd.h>

#include <array>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace moesim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(Throttle, LetsTenASecondPass) {
  const Throttle::Clock::time_point start = Throttle::Clock::time_point{} + 1h;
  Throttle throttle;
  int passed = 0;
  for (int i = 0; i < 1000; ++i) passed += throttle.due(start + i * 1ms) ? 1 : 0;
  EXPECT_EQ(passed, 10);
}

TEST(ProgressLine, ShowsShareTimeAndPart) {
  EXPECT_EQ(progress_line(0.5, "replay", 2s), "[###############...............]  50 %  2 s  replay");
  EXPECT_EQ(progress_line(1.5, "done", 70s), "[##############################] 100 %  70 s  done");
  EXPECT_EQ(progress_line(-1, "", 0s), "[..............................]   0 %  0 s  ");
}

/// What a bar draws that lives for `life`, with one update at its beginning.
std::string drawn(bool is_terminal, std::chrono::milliseconds patience, std::chrono::milliseconds life) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return "no pipe";
  {
    ProgressBar bar(ends[1], is_terminal, patience);
    bar.update(0.1, "replay");
    std::this_thread::sleep_for(life);
  }
  ::close(ends[1]);
  std::string text(65536, '\0');
  text.resize(static_cast<std::size_t>(::read(ends[0], text.data(), text.size())));
  ::close(ends[0]);
  return text;
}

TEST(ProgressBar, DrawsWithoutFurtherUpdatesAndWipesItself) {
  const std::string text = drawn(true, 20ms, 400ms);
  EXPECT_THAT(text, HasSubstr("[###...........................]  10 %  0 s  replay"));
  EXPECT_TRUE(text.ends_with("\r\x1b[K"));
}

TEST(ProgressBar, DrawsNothingForWhatIsShortOrNoTerminal) {
  EXPECT_EQ(drawn(true, 10s, 20ms), "");
  EXPECT_EQ(drawn(false, 0ms, 150ms), "");
}

}  // namespace
}  // namespace moesim
