#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace moesim::cli {

/// The processes of an MPI job. One object a process, for as long as it takes part.
class Ranks {
 public:
  /// Throws RunError where MPI does not start.
  Ranks();
  ~Ranks();
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  [[nodiscard]] int rank() const { return rank_; }
  [[nodiscard]] int size() const { return size_; }

  struct Message {
    int source = 0;
    std::string text;
  };
  void send(int to, std::string_view text) const;
  /// A message that is there; empty where none is. It looks once and then sleeps for a millisecond, as MPI's
  /// own waiting takes a whole processor.
  [[nodiscard]] std::optional<Message> look() const;
  /// Ends every process of the job.
  [[noreturn]] void abort(int exit_code) const;

 private:
  int rank_ = 0;
  int size_ = 1;
};

/// Whether this process is rank 0 of its job, or no job's, by what its starter set: before MPI has started.
bool is_first_rank();

}  // namespace moesim::cli
