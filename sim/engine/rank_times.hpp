#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sim/engine/engine.hpp"

namespace moesim {

/// The sums that RankTimes describes, from the spans of one GPU of each rank: those of a lane in the order of
/// their ends. A pass ends where its kind or a micro-batch of one of its directions changes.
class RankTimesAccount {
 public:
  explicit RankTimesAccount(std::size_t num_ranks);
  ~RankTimesAccount();
  RankTimesAccount(const RankTimesAccount&) = delete;
  RankTimesAccount& operator=(const RankTimesAccount&) = delete;

  void add(const Span& span);
  /// [num_ranks]; to be called once.
  [[nodiscard]] std::vector<RankTimes> finish(double makespan_s);

 private:
  struct Rank;
  std::vector<Rank> ranks_;
};

/// The same of spans in a list.
std::vector<RankTimes> sum_rank_times(std::span<const Span> spans, std::size_t num_ranks, double makespan_s);

/// Completes a result whose GPU ends are known: makespan, rank times; sorts the spans of member 0 of column 0
/// into the order that Engine promises and passes them to `sink`.
void complete_result(EngineResult& result, std::vector<Span>& spans, std::size_t num_ranks, RecordSink& sink);

}  // namespace moesim
