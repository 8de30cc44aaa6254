#include "sim/engine/replay/column_set.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>

#include "base/error.hpp"

namespace moesim::replay {

ColumnSet::ColumnSet(const EngineInput& input, const LaneProgram& program)
    : input_(input), program_(program) {
  const auto n = static_cast<std::size_t>(program.num_meetings());
  meetings_.start_s.assign(n, kNever);
  meetings_.end_s.assign(n, kNever);
  stuck_.resize(static_cast<std::size_t>(input.columns));
}

/// work(ColumnReplay&, column) for every column. Which thread takes which column changes nothing.
template <class Work>
void ColumnSet::for_each_column(Work work) {
  std::atomic<int> next = 0;
  std::atomic<int> num_done = 0;
  std::exception_ptr failure;
  std::atomic_flag failed = ATOMIC_FLAG_INIT;
  const auto take_columns = [&](bool reports) {
    try {
      ColumnReplay replay(program_, input_, meetings_);
      for (int column = next++; column < input_.columns; column = next++) {
        work(replay, column);
        const int done = ++num_done;
        if (reports) report(done);
      }
    } catch (...) {
      if (!failed.test_and_set()) failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    const int num_threads = std::clamp(input_.threads, 1, input_.columns);
    for (int i = 1; i < num_threads; ++i) others.emplace_back(take_columns, false);
    take_columns(true);
  }
  if (failure) std::rethrow_exception(failure);
}

/// Runs behind the first one are short and change nothing of what was told.
void ColumnSet::report(int num_done) {
  if (!input_.progress || num_done <= num_reported_) return;
  num_reported_ = num_done;
  input_.progress(static_cast<double>(num_done) / input_.columns);
}

void ColumnSet::take(const ColumnReplay& replay, int column, EngineResult& result) {
  const auto c = static_cast<std::size_t>(column);
  stuck_[c] = replay.finished() ? std::string() : replay.describe_stuck();
  const auto& ends = replay.state().gpu_end_s;
  std::ranges::copy(ends, result.gpu_end_s.begin() + static_cast<std::ptrdiff_t>(c * ends.size()));
}

void ColumnSet::run(EngineResult& result, std::vector<Span>* spans) {
  result.gpu_end_s.assign(input_.gpus.size(), 0);
  if (program_.num_meetings() == 0) {
    run_apart(result, spans);
  } else {
    run_to_first_meeting(spans);
    for (MeetingTimes times = run_on(result, spans); times != meetings_; times = run_on(result, spans)) {
      meetings_ = times;
    }
  }
  for (const std::string& text : stuck_) {
    if (!text.empty()) throw RunError(text);
  }
  result.num_operations = program_.graph().num_operations() * static_cast<std::uint64_t>(program_.members()) *
                          static_cast<std::uint64_t>(input_.columns);
}

void ColumnSet::run_apart(EngineResult& result, std::vector<Span>* spans) {
  for_each_column([&](ColumnReplay& replay, int column) {
    replay.begin(column, column == 0 ? spans : nullptr);
    replay.run(false);
    take(replay, column, result);
  });
}

void ColumnSet::run_to_first_meeting(std::vector<Span>* spans) {
  checkpoints_.resize(static_cast<std::size_t>(input_.columns));
  for_each_column([&](ColumnReplay& replay, int column) {
    replay.begin(column, column == 0 ? spans : nullptr);
    replay.run(true);
    checkpoints_[static_cast<std::size_t>(column)] = {replay.state(),
                                                      column == 0 && spans != nullptr ? spans->size() : 0};
  });
}

MeetingTimes ColumnSet::run_on(EngineResult& result, std::vector<Span>* spans) {
  std::vector<MeetingTimes> of_column(checkpoints_.size());
  for_each_column([&](ColumnReplay& replay, int column) {
    const auto c = static_cast<std::size_t>(column);
    if (column == 0 && spans != nullptr) spans->resize(checkpoints_[0].num_spans);
    replay.restore(checkpoints_[c].state, column, column == 0 ? spans : nullptr);
    replay.run(false);
    of_column[c] = {replay.state().arrival_s, replay.state().ending_s};
    take(replay, column, result);
  });
  MeetingTimes times = of_column.front();
  for (const MeetingTimes& other : of_column) {
    for (std::size_t i = 0; i < times.start_s.size(); ++i) {
      times.start_s[i] = std::max(times.start_s[i], other.start_s[i]);
      times.end_s[i] = std::max(times.end_s[i], other.end_s[i]);
    }
  }
  return times;
}

}  // namespace moesim::replay
