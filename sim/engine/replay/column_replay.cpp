#include "sim/engine/replay/column_replay.hpp"

#include <algorithm>

#include "sim/engine/stuck.hpp"

namespace moesim::replay {
namespace {

constexpr auto kLanes = static_cast<std::int32_t>(kNumLanes);

std::size_t at(std::int32_t index) {
  return static_cast<std::size_t>(index);
}

}  // namespace

void ColumnState::reset(const LaneProgram& program, const GpuState* given) {
  const std::size_t num_gpus = at(program.num_gpus());
  gpus.assign(num_gpus, {});
  for (std::size_t i = 0; i < num_gpus; ++i) {
    gpus[i].given = given[i];
    gpus[i].rank = static_cast<std::int32_t>(i) / program.members();
    gpus[i].member = static_cast<std::int32_t>(i) % program.members();
  }
  queues.assign(num_gpus * kNumLanes, {});
  num_done.assign(num_gpus * kNumLanes, 0);
  events.reset(num_gpus * EventTree::kFanout);
  num_waiting.assign(at(program.num_ranks()) * kNumLanes, 0);
  gpu_end_s.assign(num_gpus, 0);
  arrival_s.assign(at(program.num_meetings()), kNever);
  ending_s.assign(at(program.num_meetings()), kNever);
  operations_done = 0;
  now = 0;
  at_meeting = false;
}

ColumnReplay::ColumnReplay(const LaneProgram& program, const EngineInput& input, const MeetingTimes& meetings)
    : program_(program), input_(input), meetings_(meetings) {}

void ColumnReplay::begin(int column, std::vector<Span>* spans) {
  column_ = column;
  spans_ = spans;
  take_factors();
  state_.reset(program_, input_.gpus.data() + at(column) * at(program_.num_gpus()));
  for (std::int32_t queue = 0; queue < program_.num_gpus() * kLanes; ++queue) {
    if (has_head(queue) && state_.queues[at(queue)].stage == Stage::blocked) try_start(queue);
  }
}

void ColumnReplay::restore(const ColumnState& checkpoint, int column, std::vector<Span>* spans) {
  column_ = column;
  spans_ = spans;
  take_factors();
  state_ = checkpoint;
  for (int rank = 0; rank < program_.num_ranks(); ++rank) {
    const std::int32_t first = rank * program_.members() * kLanes;
    for (std::int32_t queue = first; queue < first + kLanes; ++queue) {
      if (has_head(queue)) await_known_meeting(head_of(queue));
    }
  }
}

/// `h` is of member 0. A meeting that all members of the column had reached may have become known since.
void ColumnReplay::await_known_meeting(const Head& h) {
  if (h.entry.meeting < 0 || state_.num_waiting[group_of(h)] < program_.members()) return;
  const std::size_t meeting = at(h.entry.meeting);
  if (h.q.stage == Stage::arrived) set_event(h, meetings_.start_s[meeting]);
  if (h.q.stage == Stage::ended) set_event(h, meetings_.end_s[meeting]);
}

void ColumnReplay::run(bool stop_at_meeting) {
  while (state_.events.first_time() < kNever && !(stop_at_meeting && state_.at_meeting)) {
    state_.now = state_.events.first_time();
    const auto slot = static_cast<std::int32_t>(state_.events.first());
    constexpr auto kSlots = static_cast<std::int32_t>(EventTree::kFanout);
    handle(slot / kSlots * kLanes + slot % kSlots);
  }
}

bool ColumnReplay::finished() const {
  return state_.operations_done == program_.graph().num_operations() * at(program_.members());
}

bool ColumnReplay::has_head(std::int32_t queue) const {
  const Gpu& g = state_.gpus[at(queue / kLanes)];
  return state_.num_done[at(queue)] < program_.lane(g.rank, at(queue % kLanes)).size();
}

ColumnReplay::Head ColumnReplay::head_of(std::int32_t queue) {
  const std::int32_t gpu = queue / kLanes;
  const std::int32_t lane = queue % kLanes;
  Gpu& g = state_.gpus[at(gpu)];
  const LaneEntry& entry = program_.lane(g.rank, at(lane))[state_.num_done[at(queue)]];
  return {queue, gpu, lane, state_.queues[at(queue)], g, entry, program_.cost(entry)};
}

std::size_t ColumnReplay::group_of(const Head& h) const {
  return at(h.g.rank * kLanes + h.lane);
}

void ColumnReplay::handle(std::int32_t queue) {
  const Head h = head_of(queue);
  switch (h.q.stage) {
    case Stage::blocked:
      set_event(h, kNever);
      return try_start(queue);
    case Stage::arrived:
      return start_group(h);
    case Stage::delay:
      return move(h);
    case Stage::moving:
      return end_moves(h);
    case Stage::tail:
    case Stage::planned:
      return end_steps(h);
    case Stage::issuing:
      return end(h);
    case Stage::ended:
      return finish_group(h);
  }
}

bool ColumnReplay::needs_are_done(const LaneEntry& entry, std::int32_t member) const {
  const auto offset = static_cast<std::uint32_t>(member * kLanes);
  return std::ranges::all_of(program_.needs(entry), [&](const LanePlace& need) {
    return state_.num_done[need.queue + offset] > need.order;
  });
}

void ColumnReplay::try_start(std::int32_t queue) {
  const Head h = head_of(queue);
  if (h.entry.segment > h.g.segment || !needs_are_done(h.entry, h.g.member)) return;
  if (h.entry.segment == h.g.segment && h.g.host_s + h.entry.launch_s > state_.now) {
    return set_event(h, h.g.host_s + h.entry.launch_s);
  }
  set_event(h, kNever);
  if (h.cost.sync == SyncScope::none) return start(h);
  h.q.stage = Stage::arrived;
  if (++state_.num_waiting[group_of(h)] == program_.members()) arrive(h);
}

/// All members of this column are ready.
void ColumnReplay::arrive(const Head& h) {
  if (h.entry.meeting < 0) return start_group(h);
  const std::size_t meeting = at(h.entry.meeting);
  state_.arrival_s[meeting] = state_.now;
  const double start_s = meetings_.start_s[meeting];
  if (start_s <= state_.now) return start_group(h);
  const std::int32_t first = h.queue - h.g.member * kLanes;
  state_.set_event(at(first), start_s);
  if (start_s == kNever) state_.at_meeting = true;
}

void ColumnReplay::start_group(const Head& h) {
  state_.num_waiting[group_of(h)] = 0;
  const std::int32_t stride = kLanes;
  std::int32_t queue = h.queue - h.g.member * stride;
  for (int m = 0; m < program_.members(); ++m, queue += stride) {
    const Head member = head_of(queue);
    set_event(member, kNever);
    start(member);
  }
}

/// The steps are over and the host has issued all of the operation.
void ColumnReplay::end(const Head& h) {
  set_event(h, kNever);
  if (h.cost.sync == SyncScope::none) return finish(h);
  h.q.stage = Stage::ended;
  if (++state_.num_waiting[group_of(h)] < program_.members()) return;
  if (h.entry.meeting < 0) return finish_group(h);
  const std::size_t meeting = at(h.entry.meeting);
  state_.ending_s[meeting] = state_.now;
  if (meetings_.end_s[meeting] <= state_.now) return finish_group(h);
  state_.set_event(at(h.queue - h.g.member * kLanes), meetings_.end_s[meeting]);
}

void ColumnReplay::finish_group(const Head& h) {
  set_event(h, kNever);
  state_.num_waiting[group_of(h)] = 0;
  std::int32_t queue = h.queue - h.g.member * kLanes;
  for (int m = 0; m < program_.members(); ++m, queue += kLanes) finish(head_of(queue));
}

void ColumnReplay::finish(const Head& h) {
  if ((spans_ != nullptr || times_ != nullptr) && h.g.member == 0) record(h);
  state_.gpu_end_s[at(h.gpu)] = state_.now;
  ++state_.operations_done;
  ++state_.num_done[at(h.queue)];
  h.q.stage = Stage::blocked;
  const auto poke = [&](std::int32_t queue) {
    if (state_.queues[at(queue)].stage == Stage::blocked && has_head(queue)) try_start(queue);
  };
  if (h.entry.ends_segment) {
    h.g.segment = h.entry.segment + 1;
    h.g.host_s = state_.now;
    for (std::int32_t lane = 0; lane < kLanes; ++lane) poke(h.gpu * kLanes + lane);
  } else {
    poke(h.queue);
  }
  const std::int32_t offset = h.g.member * kLanes;
  for (const LanePlace& next : program_.next(h.entry)) {
    const auto queue = static_cast<std::int32_t>(next.queue) + offset;
    if (state_.num_done[at(queue)] == next.order) poke(queue);
  }
}

void ColumnReplay::record(const Head& h) {
  Span span;
  span.start_s = h.q.start_s;
  span.end_s = state_.now;
  span.gpu = h.gpu;
  span.rank = h.g.rank;
  span.layer = h.entry.layer;
  span.microbatch = h.entry.microbatch;
  span.phase = static_cast<std::uint8_t>(h.cost.phase);
  span.lane = static_cast<std::uint8_t>(h.lane);
  span.pass = static_cast<std::uint8_t>(h.entry.pass);
  if (spans_ != nullptr) spans_->push_back(span);
  if (times_ != nullptr) times_->add(span);
}

std::string ColumnReplay::describe_stuck() const {
  const auto lack_of = [&](std::size_t queue) {
    switch (state_.queues[queue].stage) {
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
  return moesim::describe_stuck(program_, {column_, state_.now, state_.num_done}, "the replay", lack_of);
}

}  // namespace moesim::replay
