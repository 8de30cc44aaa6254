#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <queue>
#include <tuple>
#include <vector>

#include "sim/serving/batching/completion_wheel.hpp"
#include "sim/serving/batching/iteration_run.hpp"
#include "sim/serving/batching/kv_ranks.hpp"
#include "sim/serving/batching/prompt_chunks.hpp"
#include "sim/serving/batching/rank_keys.hpp"
#include "sim/serving/batching/sequence_table.hpp"
#include "sim/serving/batching/serving_unit.hpp"
#include "sim/serving/speculation/draft_chain.hpp"

namespace moesim {

/// What a unit holds. Private to this room.
struct ServingUnit::State {
  State(UnitSpec unit, double now_s);

  // unit_boundary.cpp: between two iterations.
  void begin(bool woke, std::vector<UnitEvent>& events);
  void close(std::vector<UnitEvent>& events);
  void finish_prompts(std::vector<UnitEvent>& events);
  void finish_prompt(std::uint32_t slot, std::vector<UnitEvent>& events);
  void complete(std::uint32_t slot, std::vector<UnitEvent>& events);
  [[nodiscard]] bool begin_pause(bool woke);

  // unit_admission.cpp: who runs.
  void pull(bool inclusive);
  void settle_memory(std::vector<UnitEvent>& events);
  void preempt(std::uint32_t rank, std::vector<UnitEvent>& events);
  void preempt_prompt(Sequence& sequence, std::uint32_t slot);
  void preempt_decoding(Sequence& sequence, std::uint32_t slot);
  void admit(std::vector<UnitEvent>& events);
  void make_keys();
  [[nodiscard]] std::int64_t key(std::size_t rank) const;
  enum class Room : std::uint8_t { none, no_budget, fits };
  [[nodiscard]] Room room_on(std::size_t rank, const Sequence& sequence, std::int64_t blocks) const;
  [[nodiscard]] std::int64_t choose_rank(const Sequence& sequence, bool& short_of_budget) const;
  void start(std::uint32_t slot, std::uint32_t rank, std::vector<UnitEvent>& events);
  void join(std::uint32_t slot, std::uint32_t rank, std::vector<UnitEvent>& events);

  // unit_plan.cpp: the next run of iterations and its sums.
  void plan();
  void plan_decode(StepBatch& batch, const ExpertState& state);
  void truncate(double ready_s);
  [[nodiscard]] StepBatch batch_now(bool decodes) const;
  void account(std::int64_t to);
  void account_tokens(std::int64_t from, std::int64_t to);
  void account_gaps(std::int64_t from, std::int64_t to);
  void account_first_gap(double end_s);

  void flush_rejected(double until_s, std::vector<UnitEvent>& events);
  [[nodiscard]] bool can_hold(const SequenceWork& work) const;
  [[nodiscard]] std::vector<std::uint32_t> everything() const;
  void audit_rank(std::size_t rank) const;

  UnitSpec spec;
  DraftChain chain;
  SequenceTable sequences;
  KvRanks ranks;
  PromptChunks prompts;
  CompletionWheel wheel;

  using Arrival = std::tuple<double, std::uint64_t, std::uint32_t>;  ///< ready, order, slot
  std::priority_queue<Arrival, std::vector<Arrival>, std::greater<>> arrivals;
  std::deque<std::uint32_t> waiting;  ///< ready, preempted ones in front
  std::int64_t waiting_tokens = 0;
  bool blocked = false;  ///< the first that waits has no room until somebody leaves

  double now = 0;      ///< start of the open run, else the last boundary
  double reached = 0;  ///< by advance()
  bool running = false;
  IterationRun run;
  std::int64_t accounted = 0;  ///< iterations of the run
  double kv_max_over_mean = 1;
  std::int64_t iterations = 0;
  std::uint64_t clock = 0;  ///< decode iterations before the open run
  double next_pause = 0;
  double stall_s = 0;  ///< swapping before the next iteration

  std::uint64_t submissions = 0;
  std::uint64_t admissions = 0;
  std::size_t next_rank = 0;  ///< round robin
  bool chunks_begun = false;
  RankKeys keys;  ///< at this boundary; empty: not made

  double last_decode_end = 0;
  struct Fresh {
    std::uint32_t slot = 0;
    std::uint64_t admitted = 0;
  };
  std::vector<Fresh> fresh;  ///< joined since the last decode iteration
  UnitTotals totals;
  std::int64_t output_bits = 0;  ///< totals.output_tokens << kTokenBits
  std::vector<UnitEvent> rejected;
  std::vector<std::uint32_t> scratch;
};

}  // namespace moesim
