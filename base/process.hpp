#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/quantity.hpp"

namespace moesim {

/// The longest line that is read unless another limit is named.
inline constexpr std::size_t kMaxLineBytes = std::size_t{64} << 20;

/// Reads lines from a descriptor it does not own.
class LineReader {
 public:
  explicit LineReader(int descriptor, std::size_t max_line_bytes = kMaxLineBytes);

  /// The next line without its newline; the last one may lack it. Empty at the end of the input.
  /// Throws RunError on a line above the limit or a read error. Blocks until a line is there.
  std::optional<std::string> read_line();
  /// Whether read_line would find a line or the end of the input within `timeout`; the time to fill the rest
  /// of a line that has begun counts. Errors as read_line.
  bool wait_line(Seconds timeout);

 private:
  bool fill();
  std::optional<std::string> take_line();

  int descriptor_;
  std::size_t max_line_bytes_;
  std::string buffer_;
  std::size_t begin_ = 0;    // of the next line in buffer_
  std::size_t scanned_ = 0;  // no newline in [begin_, scanned_)
  bool ended_ = false;
};

/// How a process ended.
struct ProcessExit {
  std::optional<int> code;    ///< exit code, when it ended itself
  std::optional<int> signal;  ///< else the signal that ended it
  [[nodiscard]] bool succeeded() const { return code == 0; }
  /// "exit code 3", "killed by signal 9 (Killed)".
  [[nodiscard]] std::string text() const;
};

struct ProcessOptions {
  std::vector<std::string> environment;  ///< "NAME=value", added to or replacing this process's own
  std::filesystem::path stderr_file;     ///< appended to; empty: this process's own stderr
  std::optional<Bytes> memory_limit;     ///< address space (RLIMIT_AS)
  std::optional<Seconds>
      cpu_limit;  ///< processor time (RLIMIT_CPU), rounded up to whole seconds; then SIGKILL
  std::size_t max_line_bytes = kMaxLineBytes;
};

/// A child process with a pipe on its stdin and its stdout.
/// It dies with its parent, whichever thread made it: it holds the read end of a pipe whose write end only
/// the parent has, and that read end is armed (O_ASYNC, F_SETSIG) to send it SIGKILL when the parent's end
/// closes. Where a kernel refuses this, the end of its stdin remains the sign to leave. What it forks itself
/// should call die_with_parent(); a process that owns children and forks without exec lends its fork their
/// lifelines until the fork ends.
class ChildProcess {
 public:
  /// Starts `arguments[0]` (searched in PATH when it has no slash) with `arguments`. RunError when it cannot
  /// start.
  explicit ChildProcess(const std::vector<std::string>& arguments, const ProcessOptions& options = {});
  /// Kills and reaps the child if it still runs.
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;

  /// Writes `line` and a newline to the child's stdin. False when the child no longer reads. Blocks while the
  /// pipe is full: a child that waits for its stdout to be read must be read from first.
  bool write_line(std::string_view line);
  /// Ends the child's stdin.
  void close_stdin();
  /// As LineReader::read_line and wait_line, of the child's stdout.
  std::optional<std::string> read_line() { return reader_.read_line(); }
  bool wait_line(Seconds timeout) { return reader_.wait_line(timeout); }
  /// To poll several children at once; wait_line(0 s) then says whether a whole line is there.
  [[nodiscard]] int stdout_descriptor() const { return stdout_; }

  /// Closes stdin and waits for the end. The result stays the same when asked again.
  ProcessExit wait();
  /// The result if the child has ended.
  std::optional<ProcessExit> try_wait();
  /// Sends `signal` (default SIGKILL) if the child still runs.
  void kill(int signal = 9);
  [[nodiscard]] pid_t id() const { return id_; }

 private:
  bool reap(int flags);

  pid_t id_ = -1;
  int stdin_ = -1;
  int stdout_ = -1;
  int lifeline_ = -1;
  std::optional<ProcessExit> exit_;
  LineReader reader_{-1};
};

/// For a forked process of a single-threaded parent: SIGKILL when that parent ends (PR_SET_PDEATHSIG); leaves
/// at once when `parent`, the parent's id taken before the fork, is gone already.
void die_with_parent(pid_t parent);

}  // namespace moesim
