#pragma once

#include <string>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/engine/lane_program.hpp"
#include "sim/engine/replay/column_replay.hpp"

namespace moesim::replay {

/// All columns of a run, side by side on input.threads threads.
/// Columns that never meet run one after another on each thread's one state. Columns that meet run to the
/// first meeting and are kept there; from then on all of them run to their ends again and again with the
/// starts and ends of the meetings that the run before gave, until these no longer change: by causality every
/// run makes at least one more of them final, and with meetings at the end of the step a few short runs do.
class ColumnSet {
 public:
  ColumnSet(const EngineInput& input, const LaneProgram& program);

  /// Fills result.gpu_end_s and result.num_operations; spans of member 0 of column 0 in the order of their
  /// ends. Throws RunError when a column cannot finish.
  void run(EngineResult& result, std::vector<Span>* spans);

 private:
  struct Checkpoint {
    ColumnState state;
    std::size_t num_spans = 0;
  };

  void run_apart(EngineResult& result, std::vector<Span>* spans);
  void run_to_first_meeting(std::vector<Span>* spans);
  /// One run from the checkpoints under meetings_; returns the times of the meetings that it gave.
  MeetingTimes run_on(EngineResult& result, std::vector<Span>* spans);
  void take(const ColumnReplay& replay, int column, EngineResult& result);
  void report(int num_done);
  template <class Work>
  void for_each_column(Work work);

  const EngineInput& input_;
  const LaneProgram& program_;
  MeetingTimes meetings_;
  std::vector<Checkpoint> checkpoints_;  ///< [columns]
  std::vector<std::string> stuck_;       ///< [columns] empty where the column finished
  int num_reported_ = 0;
};

}  // namespace moesim::replay
