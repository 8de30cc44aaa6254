#include "sim/engine/simgrid/step_run.hpp"

#include <algorithm>
#include <span>

#include "base/error.hpp"
#include "sim/engine/simgrid/step_scale.hpp"
#include "sim/engine/stuck.hpp"

namespace moesim::on_simgrid {
namespace {

constexpr std::uint64_t kNumReports = 100;

}  // namespace

StepRun::StepRun(const EngineInput& input)
    : input_(input),
      program_(*input.graph, input.members, false),
      num_operations_(input.graph->num_operations() * static_cast<std::uint64_t>(input.members) *
                      static_cast<std::uint64_t>(input.columns)),
      members_(static_cast<std::size_t>(input.members)),
      num_column_gpus_(static_cast<std::size_t>(program_.num_gpus())),
      queues_(input.gpus.size() * kNumLanes),
      num_done_(queues_.size()),
      gpus_(input.gpus.size()),
      num_waiting_((static_cast<std::size_t>(input.columns) + 1) * input.graph->num_ranks() * kNumLanes),
      platform_(input, scale_of(input)),
      activities_(platform_, [this](std::size_t queue, Part part) { on_activity_end(queue, part); }) {
  times_.gpu_end_s.resize(gpus_.size());
}

StepTimes StepRun::run() {
  for (std::size_t queue = 0; queue < queues_.size(); ++queue) to_look_at_.push_back(queue);
  settle();
  platform_.run();
  if (times_.num_operations != num_operations_) throw_stuck();
  return std::move(times_);
}

std::size_t StepRun::rank_of(std::size_t gpu) const {
  return gpu % num_column_gpus_ / members_;
}

std::span<const LaneEntry> StepRun::lane_of(std::size_t queue) const {
  return program_.lane(static_cast<int>(rank_of(queue / kNumLanes)), queue % kNumLanes);
}

bool StepRun::has_head(std::size_t queue) const {
  return num_done_[queue] < lane_of(queue).size();
}

StepRun::Head StepRun::head_of(std::size_t queue) const {
  const std::size_t gpu = queue / kNumLanes;
  const LaneEntry& entry = lane_of(queue)[num_done_[queue]];
  return {queue,        queue % kNumLanes, gpu,   gpu / num_column_gpus_,
          rank_of(gpu), gpu % members_,    entry, program_.cost(entry)};
}

bool StepRun::needs_are_done(const Head& h) const {
  const std::size_t offset = (h.column * num_column_gpus_ + h.member) * kNumLanes;
  return std::ranges::all_of(program_.needs(h.entry), [&](const LanePlace& need) {
    return num_done_[need.queue + offset] > need.order;
  });
}

/// Starts whatever has become ready, until nothing more has. A loop, since operations may take no time.
void StepRun::settle() {
  while (!to_look_at_.empty()) {
    const std::size_t queue = to_look_at_.front();
    to_look_at_.pop_front();
    try_start(queue);
  }
}

void StepRun::try_start(std::size_t queue) {
  if (queues_[queue].stage != Stage::blocked || !has_head(queue)) return;
  const Head h = head_of(queue);
  const Gpu& g = gpus_[h.gpu];
  if (h.entry.segment > g.segment || !needs_are_done(h)) return;
  const double until_launch_s = g.host_s + h.entry.launch_s - Platform::now_s();
  if (h.entry.segment < g.segment || until_launch_s <= platform_.time_precision_s()) return arrive(h);
  queues_[queue].stage = Stage::launching;
  activities_.wait(queue, until_launch_s);
}

void StepRun::arrive(const Head& h) {
  if (h.cost.sync == SyncScope::none) return start(h);
  queues_[h.queue].stage = Stage::arrived;
  if (is_last_of_scope(h)) for_each_in_scope(h, [this](const Head& each) { start(each); });
}

/// How many GPUs of the scope of `h` have arrived at it, or have ended it.
std::uint32_t& StepRun::num_waiting(const Head& h) {
  const std::size_t scope =
      h.cost.sync == SyncScope::all ? static_cast<std::size_t>(input_.columns) : h.column;
  return num_waiting_[(scope * input_.graph->num_ranks() + h.rank) * kNumLanes + h.lane];
}

/// Counts one more GPU of the scope of `h`; true for the last one.
bool StepRun::is_last_of_scope(const Head& h) {
  const std::size_t columns = h.cost.sync == SyncScope::all ? static_cast<std::size_t>(input_.columns) : 1;
  std::uint32_t& count = num_waiting(h);
  if (++count < members_ * columns) return false;
  count = 0;
  return true;
}

template <class Action>
void StepRun::for_each_in_scope(const Head& h, Action action) {
  const bool all = h.cost.sync == SyncScope::all;
  const std::size_t first = all ? 0 : h.column;
  const std::size_t last = all ? static_cast<std::size_t>(input_.columns) - 1 : h.column;
  for (std::size_t column = first; column <= last; ++column) {
    for (std::size_t member = 0; member < members_; ++member) {
      const std::size_t gpu = column * num_column_gpus_ + h.rank * members_ + member;
      action(head_of(gpu * kNumLanes + h.lane));
    }
  }
}

/// The steps are over and the host has issued all of the operation.
void StepRun::end(const Head& h) {
  if (h.cost.sync == SyncScope::none) return finish(h);
  queues_[h.queue].stage = Stage::ended;
  if (is_last_of_scope(h)) for_each_in_scope(h, [this](const Head& each) { finish(each); });
}

void StepRun::finish(const Head& h) {
  const double now_s = Platform::now_s();
  if (h.column == 0 && h.member == 0) record(h);
  times_.gpu_end_s[h.gpu] = now_s;
  ++times_.num_operations;
  report();
  ++num_done_[h.queue];
  queues_[h.queue].stage = Stage::blocked;
  to_look_at_.push_back(h.queue);
  if (h.entry.ends_segment) {
    gpus_[h.gpu].segment = h.entry.segment + 1;
    gpus_[h.gpu].host_s = now_s;
    for (std::size_t lane = 0; lane < kNumLanes; ++lane) to_look_at_.push_back(h.gpu * kNumLanes + lane);
  }
  const std::size_t offset = (h.column * num_column_gpus_ + h.member) * kNumLanes;
  for (const LanePlace& next : program_.next(h.entry)) to_look_at_.push_back(next.queue + offset);
}

/// Once for each hundredth of the operations.
void StepRun::report() {
  const std::uint64_t done = times_.num_operations;
  if (!input_.progress || done * kNumReports / num_operations_ == (done - 1) * kNumReports / num_operations_)
    return;
  input_.progress(static_cast<double>(done) / static_cast<double>(num_operations_));
}

void StepRun::record(const Head& h) {
  const Operation& op = program_.operation(static_cast<int>(h.rank), h.entry);
  Span span;
  span.start_s = queues_[h.queue].start_s;
  span.end_s = Platform::now_s();
  span.gpu = static_cast<std::int32_t>(h.gpu);
  span.rank = static_cast<std::int32_t>(h.rank);
  span.layer = op.layer;
  span.microbatch = op.microbatch;
  span.phase = static_cast<std::uint8_t>(h.cost.phase);
  span.lane = static_cast<std::uint8_t>(h.lane);
  span.pass = static_cast<std::uint8_t>(op.pass);
  times_.spans.push_back(span);
}

void StepRun::throw_stuck() const {
  for (int column = 0; column < input_.columns; ++column) {
    const std::size_t first = static_cast<std::size_t>(column) * num_column_gpus_ * kNumLanes;
    const auto lack_of = [&](std::size_t queue) {
      switch (queues_[first + queue].stage) {
        case Stage::blocked:
          return Lack::dependency_or_host;
        case Stage::arrived:
          return Lack::others_to_start;
        case Stage::ended:
          return Lack::others_to_end;
        default:
          return Lack::bandwidth;
      }
    };
    const std::span<const std::uint32_t> num_done(num_done_.data() + first, num_column_gpus_ * kNumLanes);
    const std::string text =
        describe_stuck(program_, {column, Platform::now_s(), num_done}, "the simulation", lack_of);
    if (!text.empty()) throw RunError(text);
  }
  throw RunError("the simulation is stuck");
}

}  // namespace moesim::on_simgrid
