#include "sim/engine/simgrid/child_call.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace moesim::test {
namespace {

/// What call_in_child throws as a RunError.
std::string error_of(const std::function<std::string()>& work) {
  try {
    call_in_child(work);
  } catch (const RunError& e) {
    return e.what();
  }
  return {};
}

TEST(ChildCall, ReturnsTheBytesOfItsWork) {
  std::string bytes(3'000'000, 'x');  // more than a pipe holds
  bytes[1] = '\0';
  EXPECT_EQ(call_in_child([&] { return bytes; }), bytes);
  EXPECT_EQ(call_in_child([] { return std::string(); }), "");
}

TEST(ChildCall, PassesOnWhatItsWorkReports) {
  std::vector<double> reports;
  const auto work = [](const ReportProgress& report) {
    for (int i = 1; i <= 1000; ++i) report(i / 1000.0);
    return std::string("%=!");  // first bytes of the parts of its answer
  };
  EXPECT_EQ(call_in_child(work, [&](double fraction) { reports.push_back(fraction); }), "%=!");
  ASSERT_EQ(reports.size(), 1000U);
  for (int i = 1; i <= 1000; ++i) EXPECT_EQ(reports[static_cast<std::size_t>(i - 1)], i / 1000.0);
  EXPECT_EQ(call_in_child(work, {}), "%=!");
}

TEST(ChildCall, ChangesNothingHere) {
  int value = 1;
  EXPECT_EQ(call_in_child([&] { return std::to_string(++value); }), "2");
  EXPECT_EQ(value, 1);
}

TEST(ChildCall, PassesOnTheTextOfAnException) {
  EXPECT_EQ(error_of([]() -> std::string { throw std::invalid_argument("no such thing"); }), "no such thing");
  EXPECT_EQ(error_of([]() -> std::string { throw 1; }), "an exception without a text");
}

TEST(ChildCall, SaysHowADeadChildEnded) {
  EXPECT_EQ(error_of([]() -> std::string {
              std::raise(SIGKILL);
              return {};
            }),
            "the child process of the engine ended early: killed by signal 9 (Killed)");
  EXPECT_EQ(error_of([]() -> std::string { ::_exit(7); }),
            "the child process of the engine ended early: exit code 7");
}

/// A pipe that this test and its children share.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe(ends_.data()), 0); }
  ~Pipe() {
    ::close(ends_[0]);
    close_writer();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  [[nodiscard]] int writer() const { return ends_[1]; }
  void close_writer() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  /// The next byte; 0 at the end of what was written, '?' when neither comes within 10 s.
  [[nodiscard]] char next() const {
    pollfd p{ends_[0], POLLIN, 0};
    if (::poll(&p, 1, 10'000) != 1) return '?';
    char byte = 0;
    return ::read(ends_[0], &byte, 1) == 1 ? byte : '\0';
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

int exit_writer = -1;

TEST(ChildCall, RunsNoExitHandlers) {
  Pipe pipe;
  exit_writer = pipe.writer();
  call_in_child([] {
    std::atexit([] { static_cast<void>(::write(exit_writer, "x", 1)); });
    return std::string();
  });
  pipe.close_writer();
  EXPECT_EQ(pipe.next(), '\0');
}

TEST(ChildCall, DiesWithItsParent) {
  Pipe pipe;
  const pid_t parent = ::fork();
  if (parent == 0) {
    call_in_child([&]() -> std::string {
      while (::write(pipe.writer(), "x", 1) == 1) ::pause();  // says that it runs, then stays
      return {};
    });
    ::_exit(0);
  }
  pipe.close_writer();
  EXPECT_EQ(pipe.next(), 'x');
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  EXPECT_EQ(pipe.next(), '\0');  // nobody holds the other end any more
}

}  // namespace
}  // namespace moesim::test
