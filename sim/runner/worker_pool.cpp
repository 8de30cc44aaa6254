#include "sim/runner/worker_pool.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/process.hpp"

namespace moesim {
namespace {

constexpr int kMaxAttempts = 2;

struct Worker {
  std::optional<ChildProcess> process;
  std::optional<std::size_t> request;  ///< index of what it works on
};

std::string faults_text(const Json& event) {
  std::string text;
  for (const Json& fault : event.value("faults", Json::array())) {
    const auto part = [&](const char* key) { return fault.value(key, std::string()); };
    text += (text.empty() ? "" : "\n") +
            std::string(LocatedError(part("file"), part("pointer"), part("what"), part("hint")).what());
  }
  return text.empty() ? "the case failed" : text;
}

class Run {
 public:
  Run(const WorkerPool& pool, const std::vector<WorkerRequest>& requests)
      : pool_(pool), requests_(requests), outcomes_(requests.size()), attempts_(requests.size()) {
    for (std::size_t i = 0; i < requests.size(); ++i) waiting_.push_back(i);
    const auto most = static_cast<std::size_t>(std::max(pool.num_workers, 1));
    workers_.resize(std::min(most, requests.size()));
  }

  std::vector<WorkerOutcome> outcomes() {
    while (true) {
      for (Worker& worker : workers_) {
        if (!worker.request && !waiting_.empty()) give_next(worker);
      }
      const bool works =
          std::ranges::any_of(workers_, [](const Worker& worker) { return worker.request.has_value(); });
      if (!works && waiting_.empty()) return std::move(outcomes_);
      if (works) wait_and_read();
    }
  }

 private:
  void give_next(Worker& worker) {
    if (!worker.process) worker.process.emplace(pool_.command);
    worker.request = waiting_.front();
    waiting_.pop_front();
    ++attempts_[*worker.request];
    if (!worker.process->write_line(request_line(requests_[*worker.request]))) bury(worker);
  }

  void wait_and_read() {
    std::vector<pollfd> descriptors;
    for (const Worker& worker : workers_) {
      // poll() passes over negative descriptors.
      descriptors.push_back({worker.request ? worker.process->stdout_descriptor() : -1, POLLIN, 0});
    }
    if (poll(descriptors.data(), descriptors.size(), -1) < 0 && errno != EINTR) {
      throw RunError("cannot wait for worker processes");
    }
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      if (descriptors[i].revents != 0) read_events(workers_[i]);
    }
  }

  void read_events(Worker& worker) {
    while (worker.request && worker.process->wait_line(Seconds{0})) {
      const auto line = worker.process->read_line();
      if (!line) return bury(worker);
      const std::size_t index = *worker.request;
      Json event;
      try {
        event = parse_json(*line, "worker");
        take(worker, event);
      } catch (const std::exception&) {
        worker.process->kill();
        return bury(worker);
      }
      if (pool_.on_event) pool_.on_event(index, event);
    }
  }

  /// Throws where the event is none of the protocol's.
  void take(Worker& worker, const Json& event) {
    const std::size_t index = *worker.request;
    const auto kind = event.at("event").get<std::string>();
    if (event.at("id").get<std::string>() != requests_[index].id) throw RunError("an event of another case");
    if (kind == "done") {
      outcomes_[index] = {RawJson{write_json(event.at("result"), -1)}, 0, ""};
      worker.request.reset();
    } else if (kind == "error") {
      WorkerOutcome outcome{{}, event.at("exit_code").get<int>(), faults_text(event)};
      const bool crashed = event.value("crashed", false);
      worker.request.reset();
      if (crashed) return retry(index, outcome.message);
      outcomes_[index] = std::move(outcome);
    }
  }

  /// The worker is gone, or of no use any more.
  void bury(Worker& worker) {
    const std::size_t index = *worker.request;
    const std::string ending = worker.process->wait().text();
    worker.process.reset();
    worker.request.reset();
    retry(index, fmt::format("the worker process ended without an answer: {}", ending));
  }

  void retry(std::size_t index, const std::string& ending) {
    if (attempts_[index] < kMaxAttempts) {
      waiting_.push_front(index);
    } else {
      outcomes_[index] = {{}, static_cast<int>(ExitCode::kRunFailed), ending};
    }
  }

  const WorkerPool& pool_;
  const std::vector<WorkerRequest>& requests_;
  std::vector<WorkerOutcome> outcomes_;
  std::vector<int> attempts_;
  std::deque<std::size_t> waiting_;
  std::vector<Worker> workers_;
};

}  // namespace

std::vector<WorkerOutcome> run_requests(const WorkerPool& pool, const std::vector<WorkerRequest>& requests) {
  return Run(pool, requests).outcomes();
}

}  // namespace moesim
