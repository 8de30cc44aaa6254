#include "cli/mpi/rank_queue.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/error.hpp"

namespace moesim::cli {
namespace {

constexpr int kQueueRank = 0;

std::string text_of(const WorkerOutcome& outcome) {
  return fmt::format("{}\n{}", outcome.exit_code, outcome.result ? outcome.result->text : outcome.message);
}

WorkerOutcome outcome_of(std::string_view text) {
  WorkerOutcome outcome;
  const std::size_t newline = text.find('\n');
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), outcome.exit_code);
  if (newline == std::string_view::npos || error != std::errc() || end != text.data() + newline) {
    throw RunError("a rank sent what is no outcome of a case");
  }
  const std::string rest(text.substr(newline + 1));
  if (outcome.exit_code == 0) {
    outcome.result = RawJson{rest};
  } else {
    outcome.message = rest;
  }
  return outcome;
}

}  // namespace

void RankQueue::run(const RequestStream& stream) {
  while (num_left_ < ranks_.size() - 1 && (!stream.go_on || stream.go_on())) {
    if (const auto ask = ranks_.look()) answer(*ask, stream);
  }
}

void RankQueue::answer(const Ranks::Message& ask, const RequestStream& stream) {
  std::optional<Job>& job = jobs_[static_cast<std::size_t>(ask.source)];
  if (const auto ended = std::exchange(job, std::nullopt)) {
    stream.take(ended->index, ended->request, outcome_of(ask.text));
  }
  std::optional<WorkerRequest> request = stream.next();
  if (!request) {
    ++num_left_;
    return ranks_.send(ask.source, "");
  }
  ranks_.send(ask.source, request_line(*request));
  job = Job{num_requests_++, std::move(*request)};
}

bool RankQueue::busy() const {
  return std::ranges::any_of(jobs_, [](const auto& job) { return job.has_value(); });
}

void RankQueue::release() {
  while (num_left_ < ranks_.size() - 1) {
    const auto ask = ranks_.look();
    if (!ask) continue;
    ++num_left_;
    ranks_.send(ask->source, "");
  }
}

void serve_rank(const Ranks& ranks, const WorkerPool& pool) {
  std::string answer;  // the outcome of the last case
  RequestStream stream;
  stream.next = [&]() -> std::optional<WorkerRequest> {
    ranks.send(kQueueRank, answer);
    std::optional<Ranks::Message> message;
    while (!message) message = ranks.look();
    if (message->text.empty()) return std::nullopt;
    return read_request(message->text);
  };
  stream.take = [&](std::size_t, const WorkerRequest&, const WorkerOutcome& outcome) {
    answer = text_of(outcome);
  };
  run_request_stream(pool, stream);
}

}  // namespace moesim::cli
