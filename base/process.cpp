#include "base/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <ctime>
#include <system_error>
#include <utility>

namespace moesim {
namespace {

[[noreturn]] void fail(const std::string& what, int code) {
  throw RunError(what + ": " + std::generic_category().message(code));
}

void close_once(int& descriptor) {
  if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
}

/// Both ends are closed on exec and lie above the standard streams.
struct Pipe {
  Pipe() {
    int raw[2];
    if (::pipe2(raw, O_CLOEXEC) != 0) fail("cannot make a pipe", errno);
    for (int i : {0, 1}) {
      ends[i] = ::fcntl(raw[i], F_DUPFD_CLOEXEC, 3);
      ::close(raw[i]);
    }
    if (ends[0] < 0 || ends[1] < 0) fail("cannot make a pipe", errno);
  }
  ~Pipe() {
    close_once(ends[0]);
    close_once(ends[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int take(int end) { return std::exchange(ends[end], -1); }
  int ends[2] = {-1, -1};
};

/// What the child sets up before it starts: streams, default signals.
class SpawnPlan {
 public:
  SpawnPlan(int stdin_end, int stdout_end, int lifeline_end, const std::string& stderr_file) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_adddup2(&actions_, stdin_end, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, stdout_end, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, lifeline_end,
                                       lifeline_end);  // onto itself: stays open on exec
    if (!stderr_file.empty()) {
      ::posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, stderr_file.c_str(),
                                         O_WRONLY | O_CREAT | O_APPEND, 0666);
    }
    sigset_t signals;
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    for (int signal : {SIGPIPE, SIGTERM, SIGHUP}) ::sigaddset(&signals, signal);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  pid_t start(std::vector<std::string> arguments, std::vector<std::string> environment) const {
    std::vector<char*> argv = pointers(arguments);
    std::vector<char*> envp = pointers(environment);
    pid_t id = -1;
    const int status = ::posix_spawnp(&id, argv[0], &actions_, &attributes_, argv.data(), envp.data());
    if (status != 0) fail("cannot start " + arguments[0], status);
    return id;
  }

 private:
  static std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  }

  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

std::vector<std::string> environment_with(const std::vector<std::string>& added) {
  std::vector<std::string> all = added;
  const auto replaced = [&](std::string_view own) {
    const std::string_view name = own.substr(0, own.find('=') + 1);
    for (const std::string& entry : added) {
      if (entry.starts_with(name)) return true;
    }
    return false;
  };
  for (char** entry = ::environ; *entry != nullptr; ++entry) {
    if (!replaced(*entry)) all.emplace_back(*entry);
  }
  return all;
}

void limit(pid_t id, __rlimit_resource resource, double amount) {
  const auto whole = static_cast<rlim_t>(std::ceil(amount));
  const rlimit wanted{whole, whole};
  if (::prlimit(id, resource, &wanted, nullptr) != 0 && errno != ESRCH) fail("cannot limit a process", errno);
}

/// Arms the lifeline's read end, which parent and child share until the parent closes its copy.
void arm(int lifeline_end, pid_t id) {
  if (::fcntl(lifeline_end, F_SETOWN, id) != 0 || ::fcntl(lifeline_end, F_SETSIG, SIGKILL) != 0) return;
  (void)::fcntl(lifeline_end, F_SETFL, O_ASYNC | O_NONBLOCK);
}

/// Keeps SIGPIPE from this thread and swallows one that came meanwhile.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~WithoutSigpipe() {
    const timespec now{};
    if (::sigismember(&before_, SIGPIPE) == 0) ::sigtimedwait(&pipe_, nullptr, &now);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;

 private:
  sigset_t pipe_;
  sigset_t before_;
};

}  // namespace

std::string ProcessExit::text() const {
  if (code) return fmt::format("exit code {}", *code);
  return fmt::format("killed by signal {} ({})", signal.value_or(0), ::strsignal(signal.value_or(0)));
}

ChildProcess::ChildProcess(const std::vector<std::string>& arguments, const ProcessOptions& options) {
  if (arguments.empty()) throw RunError("no program to start");
  Pipe input;
  Pipe output;
  Pipe lifeline;
  const SpawnPlan plan(input.ends[0], output.ends[1], lifeline.ends[0], options.stderr_file.string());
  id_ = plan.start(arguments, environment_with(options.environment));
  arm(lifeline.ends[0], id_);
  stdin_ = input.take(1);
  stdout_ = output.take(0);
  lifeline_ = lifeline.take(1);
  reader_ = LineReader(stdout_, options.max_line_bytes);
  if (options.memory_limit) limit(id_, RLIMIT_AS, options.memory_limit->value());
  if (options.cpu_limit) limit(id_, RLIMIT_CPU, options.cpu_limit->value());
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : id_(std::exchange(other.id_, -1)),
      stdin_(std::exchange(other.stdin_, -1)),
      stdout_(std::exchange(other.stdout_, -1)),
      lifeline_(std::exchange(other.lifeline_, -1)),
      exit_(std::exchange(other.exit_, std::nullopt)),
      reader_(std::move(other.reader_)) {}

ChildProcess::~ChildProcess() {
  if (id_ > 0) {
    kill();
    reap(0);
  }
  close_once(stdin_);
  close_once(stdout_);
  close_once(lifeline_);
}

bool ChildProcess::write_line(std::string_view line) {
  if (stdin_ < 0) return false;
  const std::string text = std::string(line) + '\n';
  const WithoutSigpipe guard;
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t count = ::write(stdin_, text.data() + done, text.size() - done);
    if (count >= 0) {
      done += static_cast<std::size_t>(count);
    } else if (errno == EPIPE) {
      return false;
    } else if (errno != EINTR) {
      fail("cannot write to a child process", errno);
    }
  }
  return true;
}

void ChildProcess::close_stdin() {
  close_once(stdin_);
}

bool ChildProcess::reap(int flags) {
  if (exit_) return true;
  int status = 0;
  pid_t result = 0;
  do {
    result = ::waitpid(id_, &status, flags);
  } while (result < 0 && errno == EINTR);
  if (result == 0) return false;
  exit_ = ProcessExit{};
  if (result > 0 && WIFEXITED(status)) exit_->code = WEXITSTATUS(status);
  if (result > 0 && WIFSIGNALED(status)) exit_->signal = WTERMSIG(status);
  return true;
}

ProcessExit ChildProcess::wait() {
  close_stdin();
  reap(0);
  return *exit_;
}

std::optional<ProcessExit> ChildProcess::try_wait() {
  if (!reap(WNOHANG)) return std::nullopt;
  return exit_;
}

void ChildProcess::kill(int signal) {
  if (id_ > 0 && !try_wait()) ::kill(id_, signal);
}

void die_with_parent(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
}

}  // namespace moesim
