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

/// First byte of each part of what the child writes: any number of fractions, each a double, then a result or
/// the text of an error up to the end.
constexpr char kProgress = '%';
constexpr char kResult = '=';
constexpr char kError = '!';
constexpr std::size_t kProgressBytes = 1 + sizeof(double);

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

void report(int descriptor, double fraction) {
  std::array<char, kProgressBytes> bytes{kProgress};
  std::memcpy(bytes.data() + 1, &fraction, sizeof fraction);
  write_all(descriptor, {bytes.data(), bytes.size()});  // a parent that is gone is seen with the result
}

/// Takes the fractions that `bytes` begins with and tells them.
void take_progress(std::string& bytes, const ReportProgress& progress) {
  std::size_t taken = 0;
  for (; bytes.size() - taken >= kProgressBytes && bytes[taken] == kProgress; taken += kProgressBytes) {
    double fraction = 0;
    std::memcpy(&fraction, bytes.data() + taken + 1, sizeof fraction);
    if (progress) progress(fraction);
  }
  bytes.erase(0, taken);
}

/// The result or error of the child; what it reports before goes to `progress`.
std::string read_all(int descriptor, const ReportProgress& progress) {
  std::string bytes;
  std::array<char, 1 << 16> buffer{};
  while (true) {
    const ssize_t n = ::read(descriptor, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return bytes;
    bytes.append(buffer.data(), static_cast<std::size_t>(n));
    if (bytes.front() == kProgress) take_progress(bytes, progress);
  }
}

using Work = std::function<std::string(const ReportProgress&)>;

[[noreturn]] void be_the_child(pid_t parent, int output, const Work& work) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
  std::string message;
  try {
    die_with_parent(parent);
    message = kResult + work([output](double fraction) { report(output, fraction); });
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
  return call_in_child([&](const ReportProgress&) { return work(); }, {});
}

std::string call_in_child(const Work& work, const ReportProgress& progress) {
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
  std::string message = read_all(ends[0], progress);
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
