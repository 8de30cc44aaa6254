#include "sim/engine/simgrid/child_call.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string_view>

#include "base/error.hpp"
#include "base/process.hpp"

namespace moesim {
namespace {

/// First byte of what the child writes.
constexpr char kResult = '=';
constexpr char kError = '!';

RunError system_error(std::string_view call) {
  return RunError(fmt::format("{}: {}", call, std::strerror(errno)));
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string read_all(int descriptor) {
  std::string bytes;
  std::array<char, 1 << 16> buffer{};
  while (true) {
    const ssize_t n = ::read(descriptor, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return bytes;
    bytes.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

[[noreturn]] void be_the_child(pid_t parent, int output, const std::function<std::string()>& work) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
  std::string message;
  try {
    die_with_parent(parent);
    message = kResult + work();
  } catch (const std::exception& e) {
    message = kError + std::string(e.what());
  } catch (...) {
    message = kError + std::string("an exception without a text");
  }
  ::_exit(write_all(output, message) ? 0 : 1);
}

ProcessExit wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw system_error("waitpid");
  }
  ProcessExit exit;
  if (WIFEXITED(status)) exit.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) exit.signal = WTERMSIG(status);
  return exit;
}

}  // namespace

std::string call_in_child(const std::function<std::string()>& work) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw system_error("pipe2");
  std::fflush(nullptr);  // the child must not write out a second time what this process has buffered
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) {
    const RunError error = system_error("fork");
    ::close(ends[0]);
    ::close(ends[1]);
    throw error;
  }
  if (child == 0) {
    ::close(ends[0]);
    be_the_child(parent, ends[1], work);
  }
  ::close(ends[1]);
  std::string message = read_all(ends[0]);
  ::close(ends[0]);
  const ProcessExit exit = wait_for(child);
  if (!exit.succeeded() || message.empty()) {
    throw RunError(fmt::format("the child process of the engine ended early: {}", exit.text()));
  }
  const bool failed = message.front() == kError;
  message.erase(0, 1);
  if (failed) throw RunError(message);
  return message;
}

}  // namespace moesim
