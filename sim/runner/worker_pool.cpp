#include "sim/runner/worker_pool.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/process.hpp"

namespace moesim {
namespace {

constexpr int kMaxAttempts = 2;

constexpr int kPatience_ms = 100;  // between questions whether to go on

/// A request in work or to be tried again.
struct Job {
  std::size_t index = 0;
  WorkerRequest request;
  int attempts = 0;
};

struct Worker {
  std::optional<ChildProcess> process;
  std::optional<Job> job;
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
  Run(const WorkerPool& pool, const RequestStream& stream)
      : pool_(pool), stream_(stream), workers_(static_cast<std::size_t>(std::max(pool.num_workers, 1))) {}

  void to_its_end() {
    while (!stream_.go_on || stream_.go_on()) {
      for (Worker& worker : workers_) {
        if (!worker.job) give_next(worker);
      }
      const bool works =
          std::ranges::any_of(workers_, [](const Worker& worker) { return worker.job.has_value(); });
      if (!works && again_.empty() && ended_) return;
      if (works) wait_and_read();
    }
  }

 private:
  void give_next(Worker& worker) {
    std::optional<Job> job = next_job();
    if (!job) return;
    if (!worker.process) worker.process.emplace(pool_.command);
    ++job->attempts;
    worker.job = std::move(job);
    if (!worker.process->write_line(request_line(worker.job->request))) bury(worker);
  }

  std::optional<Job> next_job() {
    if (!again_.empty()) {
      Job job = std::move(again_.front());
      again_.pop_front();
      return job;
    }
    if (ended_) return std::nullopt;
    std::optional<WorkerRequest> request = stream_.next();
    ended_ = !request;
    if (ended_) return std::nullopt;
    return Job{num_requests_++, std::move(*request), 0};
  }

  void wait_and_read() {
    std::vector<pollfd> descriptors;
    for (const Worker& worker : workers_) {
      // poll() passes over negative descriptors.
      descriptors.push_back({worker.job ? worker.process->stdout_descriptor() : -1, POLLIN, 0});
    }
    const int ready = poll(descriptors.data(), descriptors.size(), kPatience_ms);
    if (ready < 0 && errno != EINTR) throw RunError("cannot wait for worker processes");
    for (std::size_t i = 0; ready > 0 && i < workers_.size(); ++i) {
      if (descriptors[i].revents != 0) read_events(workers_[i]);
    }
  }

  void read_events(Worker& worker) {
    while (worker.job && worker.process->wait_line(Seconds{0})) {
      const auto line = worker.process->read_line();
      if (!line) return bury(worker);
      const std::size_t index = worker.job->index;
      Json event;
      std::optional<WorkerOutcome> outcome;
      try {
        event = parse_json(*line, "worker");
        outcome = outcome_of(event, worker.job->request.id);
      } catch (const std::exception&) {
        worker.process->kill();
        return bury(worker);
      }
      if (outcome) take(*std::exchange(worker.job, std::nullopt), std::move(*outcome), event);
      if (pool_.on_event) pool_.on_event(index, event);
    }
  }

  /// Of a case's last event. Throws where the event is none of the protocol's.
  static std::optional<WorkerOutcome> outcome_of(const Json& event, const std::string& id) {
    const auto kind = event.at("event").get<std::string>();
    if (event.at("id").get<std::string>() != id) throw RunError("an event of another case");
    if (kind == "done") return WorkerOutcome{RawJson{write_json(event.at("result"), -1)}, 0, ""};
    if (kind == "error") return WorkerOutcome{{}, event.at("exit_code").get<int>(), faults_text(event)};
    return std::nullopt;
  }

  void take(Job job, WorkerOutcome outcome, const Json& event) {
    if (event.value("crashed", false)) return retry(std::move(job), outcome.message);
    stream_.take(job.index, job.request, std::move(outcome));
  }

  /// The worker is gone, or of no use any more.
  void bury(Worker& worker) {
    const std::string ending = worker.process->wait().text();
    worker.process.reset();
    retry(*std::exchange(worker.job, std::nullopt),
          fmt::format("the worker process ended without an answer: {}", ending));
  }

  void retry(Job job, const std::string& ending) {
    if (job.attempts < kMaxAttempts) {
      again_.push_front(std::move(job));
    } else {
      stream_.take(job.index, job.request, {{}, static_cast<int>(ExitCode::kRunFailed), ending});
    }
  }

  const WorkerPool& pool_;
  const RequestStream& stream_;
  std::vector<Worker> workers_;
  std::deque<Job> again_;
  std::size_t num_requests_ = 0;
  bool ended_ = false;
};

}  // namespace

void run_request_stream(const WorkerPool& pool, const RequestStream& stream) {
  Run(pool, stream).to_its_end();
}

std::vector<WorkerOutcome> run_requests(const WorkerPool& pool, const std::vector<WorkerRequest>& requests) {
  std::vector<WorkerOutcome> outcomes(requests.size());
  std::size_t given = 0;
  RequestStream stream;
  stream.next = [&]() -> std::optional<WorkerRequest> {
    if (given == requests.size()) return std::nullopt;
    return requests[given++];
  };
  stream.take = [&](std::size_t index, const WorkerRequest&, WorkerOutcome outcome) {
    outcomes[index] = std::move(outcome);
  };
  run_request_stream(pool, stream);
  return outcomes;
}

}  // namespace moesim
