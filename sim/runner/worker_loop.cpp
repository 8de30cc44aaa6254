#include "sim/runner/worker_loop.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/process.hpp"

namespace moesim {
namespace {

class EventWriter {
 public:
  EventWriter(std::ostream& out, std::string id) : out_(out), id_(std::move(id)) {}

  /// Writes `event` with the id behind its name.
  void write(const Json& event) {
    Json line;
    for (const auto& [key, value] : event.items()) {
      line[key] = value;
      if (key == "event") line["id"] = id_;
    }
    out_ << write_json(line, -1) << std::flush;
  }

  void progress(double fraction, std::string_view what) {
    constexpr std::chrono::milliseconds kBetween{100};
    const auto now = std::chrono::steady_clock::now();
    if (now - last_progress_ < kBetween) return;
    last_progress_ = now;
    write({{"event", "progress"}, {"fraction", fraction}, {"what", std::string(what)}});
  }

 private:
  std::ostream& out_;
  std::string id_;
  std::chrono::steady_clock::time_point last_progress_{};
};

/// Runs the case and writes its last event.
void run_case(const WorkerRequest& request, const RunRequest& run, const ErrorEvent& error_event,
              EventWriter& events) {
  try {
    Json result =
        run(request, [&](double fraction, std::string_view what) { events.progress(fraction, what); });
    if (result.is_object() && result.contains("warnings")) {
      for (const Json& warning : result["warnings"]) events.write({{"event", "warning"}, {"text", warning}});
    }
    events.write({{"event", "done"}, {"result", std::move(result)}});
  } catch (...) {
    events.write(error_event(std::current_exception()));
  }
}

Json crash_event(const std::string& what) {
  return {{"event", "error"},
          {"kind", "run"},
          {"exit_code", static_cast<int>(ExitCode::kRunFailed)},
          {"faults", {{{"file", ""}, {"pointer", ""}, {"what", what}, {"hint", ""}}}},
          {"crashed", true}};
}

std::string ending_of(int status) {
  if (WIFSIGNALED(status)) {
    return fmt::format("the process of the case was killed by signal {} ({})", WTERMSIG(status),
                       strsignal(WTERMSIG(status)));
  }
  return fmt::format("the process of the case ended with exit code {}", WEXITSTATUS(status));
}

/// Runs `body` in a fork; what became of it where it did not come to its end, else an empty text.
std::string run_forked(const std::function<void()>& body) {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return fmt::format("cannot start the process of the case: {}", std::strerror(errno));
  if (child == 0) {
    die_with_parent(parent);
    try {
      body();
    } catch (...) {
      _exit(static_cast<int>(ExitCode::kRunFailed));
    }
    _exit(0);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status == 0 ? "" : ending_of(status);
}

bool runs_in_fork(const WorkerRequest& request) {
  const Json scenario = parse_json(request.scenario.text, request.file);
  return !scenario.is_object() || scenario.value("engine", Json()) != "replay";
}

}  // namespace

void serve_requests(int input, std::ostream& output, const RunRequest& run, const ErrorEvent& error_event) {
  LineReader lines(input);
  while (const auto line = lines.read_line()) {
    if (line->find_first_not_of(" \t\r") == std::string::npos) continue;
    WorkerRequest request;
    try {
      request = read_request(*line);
    } catch (const SpecError&) {
      EventWriter(output, "").write(error_event(std::current_exception()));
      continue;
    }
    EventWriter events(output, request.id);
    events.write({{"event", "start"}});
    const auto body = [&] { run_case(request, run, error_event, events); };
    if (!runs_in_fork(request)) {
      body();
    } else if (const std::string ending = run_forked(body); !ending.empty()) {
      events.write(crash_event(ending));
    }
  }
}

}  // namespace moesim
