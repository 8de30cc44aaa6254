#include "sim/planner/sweep/sweep.hpp"

#include <charconv>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "sim/results/sweep_writer.hpp"

namespace moesim {
namespace {

Json axes_json(const std::vector<Axis>& axes) {
  Json all = Json::array();
  for (const Axis& axis : axes) all.push_back({{"pointer", axis.pointer}, {"values", axis.values}});
  return all;
}

SweepHeader header_of(const SweepGrid& grid) {
  return {MOESIM_VERSION, grid.document().dump(), grid.kind(), axes_json(grid.axes()).dump(),
          grid.num_cases()};
}

/// The queue of a sweep: what waits, and what became of the rest.
class Queue {
 public:
  Queue(const SweepGrid& grid, SweepWriter& writer, const SweepOptions& options)
      : grid_(grid), writer_(writer), options_(options) {
    say_progress();
  }

  std::optional<WorkerRequest> next() {
    while (next_ < grid_.num_cases() && writer_.has(next_)) ++next_;
    if (next_ == grid_.num_cases()) return std::nullopt;
    return grid_.request(next_++);
  }

  void take(const WorkerRequest& request, WorkerOutcome outcome) {
    SweepCase ended;
    std::from_chars(request.id.data(), request.id.data() + request.id.size(), ended.index);
    const std::string name = grid_.name(ended.index);
    const std::string changes = grid_.changes(ended.index).dump();
    ended.name = name;
    ended.changes = changes;
    ended.exit_code = outcome.exit_code;
    if (outcome.result) {
      std::string& text = outcome.result->text;
      if (text.ends_with('\n')) text.pop_back();
      ended.state = SweepCaseState::done;
      ended.result = text;
    } else {
      ended.state = SweepCaseState::failed;
      ended.message = outcome.message;
    }
    writer_.add(ended);
    say_progress();
  }

  bool go_on() {
    writer_.commit_old();
    going_ = !options_.go_on || options_.go_on();
    return going_;
  }

  [[nodiscard]] bool ended_early() const { return !going_; }

 private:
  void say_progress() const {
    if (!options_.progress) return;
    options_.progress({grid_.num_cases(), writer_.num_cases(SweepCaseState::done),
                       writer_.num_cases(SweepCaseState::failed)});
  }

  const SweepGrid& grid_;
  SweepWriter& writer_;
  const SweepOptions& options_;
  std::int64_t next_ = 0;
  bool going_ = true;
};

}  // namespace

bool run_sweep(const SweepGrid& grid, const std::filesystem::path& file, const RunRequestStream& run,
               const SweepOptions& options) {
  SweepWriter writer(file, header_of(grid));
  Queue queue(grid, writer, options);
  RequestStream stream;
  stream.next = [&] { return queue.next(); };
  stream.take = [&](std::size_t, const WorkerRequest& request, WorkerOutcome outcome) {
    queue.take(request, std::move(outcome));
  };
  stream.go_on = [&] { return queue.go_on(); };
  try {
    run(stream);
  } catch (const OutputError&) {
    throw;  // the file takes no more
  } catch (...) {
    writer.commit();
    throw;
  }
  writer.commit();
  return !queue.ended_early() || writer.num_cases(SweepCaseState::waiting) == 0;
}

}  // namespace moesim
