#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/serving/batching/sequence_work.hpp"
#include "sim/serving/batching/unit_totals.hpp"
#include "sim/serving/deployment/pool_spec.hpp"
#include "sim/serving/experts/expert_state.hpp"
#include "sim/serving/step/step_costs.hpp"

namespace moesim {

/// What a unit is made from.
struct UnitSpec {
  PoolRole role = PoolRole::colocated;
  BatchingSpec batching;
  SpeculationSpec speculation;
  UnitLayout layout;
  std::int64_t block_tokens = 64;
  std::int64_t kv_blocks = 0;  ///< of one attention rank
  double kv_bytes_per_token = 0;
  double swap_bytes_per_s = 50e9;      ///< of one attention rank, preemption by swap
  std::int64_t redraw_every = 64;      ///< iterations between two draws of the expert load
  std::int64_t longest_run = 1 << 20;  ///< iterations that one event plays at most; 1: one by one
  double pause_every_s = 0;            ///< EPLB: every so long the unit stands still
  double pause_s = 0;                  ///< for so long
  std::shared_ptr<const StepCosts> costs;
  std::shared_ptr<const ExpertLoads> experts;  ///< null: balanced, or a model without experts
  std::uint64_t seed = 1;
  std::uint64_t unit = 0;  ///< tells units of a fleet apart, for what is random
};

/// Iterations of one unit: admission, batches, chunks, KV blocks, preemption, drafts. Requests join at the
/// first start of an iteration after they came; an idle unit starts at once. Runs of iterations in which
/// nobody joins, leaves or grows out of memory are one event, so the cost of a request does not grow with the
/// batch. Deterministic: the same submissions at the same times give the same events, however advance() is
/// called.
class ServingUnit {
 public:
  /// Throws std::invalid_argument for a spec without costs, ranks, budget, batch or block size.
  explicit ServingUnit(UnitSpec spec, double now_s = 0);
  ~ServingUnit();
  ServingUnit(ServingUnit&&) noexcept;
  ServingUnit& operator=(ServingUnit&&) noexcept;

  /// `time_s` not before what advance() has reached. A request that can never fit is rejected then. Throws
  /// std::invalid_argument for negative counts.
  void submit(double time_s, const SequenceWork& work);
  /// Puts a sequence into the running batch that has generated `work.generated_tokens`, at least 1, without
  /// computing them: a warm start. Before the first advance(); where no rank has room it waits for one.
  void place_running(const SequenceWork& work);
  /// Time of the next event if nothing is submitted, or a time before it at which the unit has something to
  /// do; infinity for an idle unit. advance() to this time makes progress.
  [[nodiscard]] double next_event() const;
  /// Plays everything up to `until_s`, that included; appends events in order of time. An idle unit begins
  /// with what came at `until_s` only when more time has gone by, so that all that came then starts together.
  void advance(double until_s, std::vector<UnitEvent>& events);
  /// At the time reached.
  [[nodiscard]] UnitLoad load() const;
  [[nodiscard]] bool idle() const;
  /// Whether a request of that many tokens fits when nobody else is there.
  [[nodiscard]] bool can_ever_hold(std::int64_t input_tokens, std::int64_t output_tokens) const;
  /// A failure: drops everything and returns what was there, as it was submitted, in that order.
  std::vector<SequenceWork> fail();
  /// Sums up to the last event.
  [[nodiscard]] const UnitTotals& totals() const;
  /// totals().output_tokens with those of the iterations that have ended at `time_s`, not before the last
  /// event and not after the next.
  [[nodiscard]] double output_tokens_at(double time_s) const;
  /// Sums up to the last iteration that has ended at the time reached; they begin anew.
  UnitTotals take_totals();
  /// Counts tokens, blocks and requests anew, one by one. Throws std::logic_error where a sum disagrees, a
  /// rank has more blocks in use than it has, or a request is nowhere or twice.
  void audit() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace moesim
