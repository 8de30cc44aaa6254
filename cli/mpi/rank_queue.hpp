#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "cli/mpi/ranks.hpp"
#include "sim/runner/request_stream.hpp"
#include "sim/runner/worker_pool.hpp"

namespace moesim::cli {

/// What rank 0 does: it gives requests to the other ranks. A rank asks with a message that holds the outcome
/// of its last case, EXIT_CODE newline RESULT or MESSAGE, or nothing; the answer is the line of a request, or
/// nothing where there is none, and the rank leaves.
class RankQueue {
 public:
  explicit RankQueue(const Ranks& ranks) : ranks_(ranks), jobs_(static_cast<std::size_t>(ranks.size())) {}

  /// Returns once every rank has left, or the stream is not to go on.
  void run(const RequestStream& stream);
  /// Whether a rank works on a case.
  [[nodiscard]] bool busy() const;
  /// Lets every rank leave. None may work on a case.
  void release();

 private:
  struct Job {
    std::size_t index = 0;
    WorkerRequest request;
  };

  void answer(const Ranks::Message& ask, const RequestStream& stream);

  const Ranks& ranks_;
  std::vector<std::optional<Job>> jobs_;  ///< by rank
  std::size_t num_requests_ = 0;
  int num_left_ = 0;
};

/// What every other rank does: it runs cases in a worker process of its own, one at a time, until there is
/// none. Throws as run_request_stream().
void serve_rank(const Ranks& ranks, const WorkerPool& pool);

}  // namespace moesim::cli
