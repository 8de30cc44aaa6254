#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/engine/lane_program.hpp"
#include "sim/engine/rank_times.hpp"
#include "sim/engine/replay/column_state.hpp"
#include "sim/engine/replay/wires.hpp"

namespace moesim::replay {

/// When the operations in which columns meet start and count as done, as far as it is known; else kNever.
struct MeetingTimes {
  std::vector<double> start_s;  ///< [num_meetings]
  std::vector<double> end_s;

  friend bool operator==(const MeetingTimes&, const MeetingTimes&) = default;
};

/// Replays one column. Reused for one column after another.
class ColumnReplay {
 public:
  /// All arguments outlive the object.
  ColumnReplay(const LaneProgram& program, const EngineInput& input, const MeetingTimes& meetings);
  ColumnReplay(const ColumnReplay&) = delete;
  ColumnReplay& operator=(const ColumnReplay&) = delete;

  /// Puts `column` at its start. Spans of member 0 go to `spans` where it is given.
  void begin(int column, std::vector<Span>* spans);
  /// Adds the spans of member 0 up from here on.
  void sum_into(RankTimesAccount* times) { times_ = times; }
  /// Runs until no event is left, or until a meeting whose start is unknown is reached when
  /// `stop_at_meeting`.
  void run(bool stop_at_meeting);

  [[nodiscard]] bool finished() const;
  [[nodiscard]] const ColumnState& state() const { return state_; }
  /// Goes on from a checkpoint of `column`.
  void restore(const ColumnState& checkpoint, int column, std::vector<Span>* spans);
  /// Names the first operation that is not done and what it lacks. Call when finished() is false.
  [[nodiscard]] std::string describe_stuck() const;

 private:
  /// A lane and its head operation.
  struct Head {
    std::int32_t queue;
    std::int32_t gpu;
    std::int32_t lane;
    Queue& q;
    Gpu& g;
    const LaneEntry& entry;
    const OperationCost& cost;
  };

  [[nodiscard]] Head head_of(std::int32_t queue);
  [[nodiscard]] bool has_head(std::int32_t queue) const;
  [[nodiscard]] bool needs_are_done(const LaneEntry& entry, std::int32_t member) const;
  [[nodiscard]] std::int32_t receiver_of(const Head& h) const;
  [[nodiscard]] std::size_t group_of(const Head& h) const;
  void take_factors();
  [[nodiscard]] double jitter_of(const Head& h) const;
  [[nodiscard]] double work_of(const Head& h) const;
  [[nodiscard]] double nvlink_scale(const Head& h) const;
  void set_event(const Head& h, double time) {
    state_.events.set(static_cast<std::size_t>(h.gpu) * EventTree::kFanout + static_cast<std::size_t>(h.lane),
                      time);
  }

  // From the lane's point of view: column_replay.cpp.
  void handle(std::int32_t queue);
  void try_start(std::int32_t queue);
  void arrive(const Head& h);
  void await_known_meeting(const Head& h);
  void start_group(const Head& h);
  void end(const Head& h);
  void finish_group(const Head& h);
  void finish(const Head& h);
  void record(const Head& h);
  // The three steps of one operation: operation_steps.cpp.
  void start(const Head& h);
  void claim_wires(const Head& h, std::int32_t to);
  void release_wires(const Head& h, std::int32_t to);
  void plan(const Head& h, std::int32_t to);
  void unplan(std::int32_t gpu);
  void move(const Head& h);
  void start_work(const Head& h);
  void end_moves(const Head& h);
  void start_tail(const Head& h);
  void end_steps(const Head& h);
  void hold_sms(std::int32_t gpu, std::int32_t change);
  void set_work_rate(Gpu& g, const OperationCost& cost);

  const LaneProgram& program_;
  const EngineInput& input_;
  const MeetingTimes& meetings_;
  ColumnState state_;
  Wires wires_{state_};
  int column_ = 0;
  std::vector<Span>* spans_ = nullptr;
  RankTimesAccount* times_ = nullptr;
  std::vector<std::shared_ptr<const std::vector<double>>> factors_;  ///< [num_gpus] of jitter, where known
};

}  // namespace moesim::replay
