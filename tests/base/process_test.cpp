#include "base/process.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string>

namespace moesim {
namespace {

using namespace literals;

ChildProcess shell(const std::string& script, const ProcessOptions& options = {}) {
  return ChildProcess({"/bin/sh", "-c", script}, options);
}

TEST(ChildProcess, SpeaksLineByLine) {
  ChildProcess cat({"cat"});
  EXPECT_TRUE(cat.write_line("one"));
  EXPECT_EQ(cat.read_line(), "one");
  EXPECT_TRUE(cat.write_line(""));
  EXPECT_EQ(cat.read_line(), "");
  cat.close_stdin();
  EXPECT_EQ(cat.read_line(), std::nullopt);
  EXPECT_TRUE(cat.wait().succeeded());
  EXPECT_TRUE(cat.wait().succeeded());
  EXPECT_FALSE(cat.write_line("late"));
}

TEST(ChildProcess, GivesTheLastLineWithoutNewline) {
  ChildProcess child = shell("printf 'a\\n\\nb'");
  EXPECT_EQ(child.read_line(), "a");
  EXPECT_EQ(child.read_line(), "");
  EXPECT_EQ(child.read_line(), "b");
  EXPECT_EQ(child.read_line(), std::nullopt);
}

TEST(ChildProcess, TellsExitCodeFromSignal) {
  EXPECT_EQ(shell("exit 3").wait().code, 3);
  EXPECT_EQ(shell("exit 3").wait().text(), "exit code 3");
  const ProcessExit killed = shell("kill -9 $$").wait();
  EXPECT_EQ(killed.signal, SIGKILL);
  EXPECT_FALSE(killed.succeeded());
  EXPECT_EQ(killed.text(), "killed by signal 9 (Killed)");
}

TEST(ChildProcess, IsKilledOnDemandAndWithItsOwner) {
  ChildProcess child = shell("exec sleep 600");
  EXPECT_EQ(child.try_wait(), std::nullopt);
  EXPECT_FALSE(child.wait_line(1_ms));
  child.kill();
  EXPECT_EQ(child.wait().signal, SIGKILL);
  pid_t id = 0;
  {
    const ChildProcess scoped = shell("exec sleep 600");
    id = scoped.id();
  }
  EXPECT_EQ(::kill(id, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST(ChildProcess, OutlivesNoWriteToADeadChild) {
  ChildProcess child = shell("exec <&-; echo closed; read never");
  EXPECT_EQ(child.read_line(), "closed");
  EXPECT_FALSE(child.write_line("x"));  // EPIPE, and no SIGPIPE for this process
}

TEST(ChildProcess, RefusesAnOverlongLine) {
  ProcessOptions options;
  options.max_line_bytes = 10;
  ChildProcess child = shell("echo 1234567890; echo 12345678901", options);
  EXPECT_EQ(child.read_line(), "1234567890");
  EXPECT_THROW(child.read_line(), RunError);
}

TEST(ChildProcess, RefusesWhatCannotStart) {
  EXPECT_THROW(ChildProcess({"/no/such/program"}), RunError);
  EXPECT_THROW(ChildProcess({}), RunError);
}

TEST(ChildProcess, SetsEnvironmentStderrAndLimits) {
  std::string file = "/tmp/moesim-stderr-XXXXXX";
  ::close(::mkstemp(file.data()));
  ProcessOptions options;
  options.environment = {"MOESIM_TEST_WORD=hello", "HOME=/elsewhere"};
  options.stderr_file = file;
  options.memory_limit = 512_MiB;
  options.cpu_limit = 7_s;
  ChildProcess child =
      shell("read go; echo $MOESIM_TEST_WORD $HOME; echo aside >&2; ulimit -v; ulimit -t", options);
  child.write_line("go");  // the limits are set after the start
  EXPECT_EQ(child.read_line(), "hello /elsewhere");
  EXPECT_EQ(child.read_line(), "524288");
  EXPECT_EQ(child.read_line(), "7");
  child.wait();
  std::string line;
  std::getline(std::ifstream(file) >> std::ws, line);
  EXPECT_EQ(line, "aside");
  ::unlink(file.c_str());
}

TEST(ChildProcess, MovesWithItsStreams) {
  ChildProcess first({"cat"});
  first.write_line("x");
  ChildProcess second = std::move(first);
  EXPECT_EQ(second.read_line(), "x");
}

// A middle process starts a child that ignores its stdin, tells its id and is killed; the child must end too.
// The test holds the write end of nothing that the child needs: its stdout reaches end of file when it is
// dead.
TEST(ChildProcess, DiesWhenItsParentIsKilled) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t middle = ::fork();
  ASSERT_GE(middle, 0);
  if (middle == 0) {
    ::close(ends[0]);
    ::dup2(ends[1], STDERR_FILENO);  // the child's stderr is the pipe
    ::close(ends[1]);
    ChildProcess child = shell("echo ready; exec sleep 600");
    if (child.read_line() == "ready") ::kill(::getpid(), SIGKILL);
    ::_exit(1);
  }
  ::close(ends[1]);
  int status = 0;
  ::waitpid(middle, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  LineReader stderr_of_child(ends[0]);
  EXPECT_TRUE(stderr_of_child.wait_line(60_s)) << "the child outlived its parent";
  ::close(ends[0]);
}

}  // namespace
}  // namespace moesim
