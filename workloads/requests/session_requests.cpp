#include "workloads/requests/session_requests.hpp"

#include <limits>
#include <queue>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/math.hpp"
#include "base/random.hpp"
#include "workloads/requests/arrival_times.hpp"
#include "workloads/requests/length_law.hpp"

namespace moesim {
namespace {

constexpr std::int64_t kMostTurns = 1 << 20;

/// A hash of `before` and `next` (the finaliser of splitmix64 on their mixture).
std::uint64_t mixed(std::uint64_t before, std::uint64_t next) {
  std::uint64_t x = before * 0x9E3779B97F4A7C15U + next + 0x632BE59BD9B4E019U;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

/// A conversation with a turn to come.
struct Session {
  double next_s = 0;
  std::int64_t id = 0;
  std::int64_t turn = 0;
  std::int64_t said_tokens = 0;  ///< system prompt, prompts and answers so far
  std::uint64_t system = 0;
};

struct Later {
  bool operator()(const Session& a, const Session& b) const {
    return std::pair(a.next_s, a.id) > std::pair(b.next_s, b.id);
  }
};

class SessionRequests final : public RequestSource {
 public:
  SessionRequests(const WorkloadSpec& spec, std::uint64_t seed, double from_s)
      : spec_(spec),
        sessions_(*spec.sessions),
        turns_(seed, stream_of("session_turns")),
        starts_(*spec.arrivals, spec.start.value(), seed, 0),
        from_s_(from_s) {
    start_next();
  }

  bool next(Request& request) override {
    while (!open_.empty()) {
      if (spec_.requests && given_ >= *spec_.requests) return false;
      Session session = open_.top();
      open_.pop();
      if (session.turn == 0) start_next();
      give(session, request);
      if (request.arrival_s >= from_s_) return true;
    }
    return false;
  }

 private:
  /// The next conversation waits for its first turn, unless arrivals have ended.
  void start_next() {
    Session session;
    session.next_s = starts_.next();
    if (ended(session.next_s)) return;
    session.id = begun_++;
    RandomStream random(turns_, static_cast<std::uint64_t>(session.id) * kMostTurns + kMostTurns - 1);
    session.system = random.below(static_cast<std::uint64_t>(sessions_.systems));
    session.said_tokens = sessions_.system_tokens;
    open_.push(session);
  }

  void give(Session session, Request& request) {
    RandomStream random(turns_, static_cast<std::uint64_t>(session.id * kMostTurns + session.turn));
    request.id = given_++;
    request.session = session.id;
    request.arrival_s = session.next_s;
    request.input_tokens = session.said_tokens +
                           draw_length(static_cast<double>(spec_.input_tokens), spec_.input_spread, random);
    request.output_tokens =
        draw_length(static_cast<double>(spec_.output_tokens), spec_.output_spread, random);
    request.stated_cached_tokens = 0;
    request.block_tokens = sessions_.block_tokens;
    hash_blocks(session, request);
    if (random.uniform() >= 1 - 1 / sessions_.turns || session.turn + 2 >= kMostTurns) return;
    session.said_tokens = request.input_tokens + request.output_tokens;
    session.next_s += static_cast<double>(request.output_tokens) / sessions_.tokens_per_s -
                      sessions_.think_time.value() * log_det(random.uniform_open());
    ++session.turn;
    if (!ended(session.next_s)) open_.push(session);
  }

  void hash_blocks(const Session& session, Request& request) const {
    const std::int64_t whole = request.input_tokens / request.block_tokens;
    const std::int64_t shared = sessions_.system_tokens / request.block_tokens;
    request.blocks.clear();
    std::uint64_t hash = 0;
    for (std::int64_t block = 0; block < whole; ++block) {
      hash =
          mixed(hash, block < shared ? 2 * session.system : 2 * static_cast<std::uint64_t>(session.id) + 1);
      request.blocks.push_back(hash);
    }
  }

  [[nodiscard]] bool ended(double time_s) const {
    return spec_.duration && time_s >= spec_.duration->value();
  }

  WorkloadSpec spec_;
  SessionSpec sessions_;
  StreamKey turns_;
  ArrivalTimes starts_;
  double from_s_;
  std::priority_queue<Session, std::vector<Session>, Later> open_;
  std::int64_t begun_ = 0;
  std::int64_t given_ = 0;
};

}  // namespace

std::unique_ptr<RequestSource> session_requests(const WorkloadSpec& spec, const std::string& file,
                                                std::uint64_t seed, double from_s) {
  if (!spec.arrivals)
    throw SpecError(file, "/workload/sessions", "conversations begin at arrivals, which are not given",
                    "give arrivals; their rate is that of conversations");
  if (spec.cached_fraction > 0)
    throw SpecError(file, "/workload/cached_fraction", "conversations carry the blocks that a cache can hit",
                    "leave it out");
  return std::make_unique<SessionRequests>(spec, seed, from_s);
}

}  // namespace moesim
