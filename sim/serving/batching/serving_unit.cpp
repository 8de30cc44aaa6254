#include "sim/serving/batching/serving_unit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "sim/serving/batching/unit_state.hpp"

namespace moesim {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

const UnitSpec& checked(const UnitSpec& spec) {
  if (!spec.costs) throw std::invalid_argument("a unit without step costs");
  if (spec.layout.attention_ranks() < 1) throw std::invalid_argument("a unit without attention ranks");
  if (spec.block_tokens < 1 || spec.redraw_every < 1 || spec.longest_run < 1) {
    throw std::invalid_argument("a unit's block_tokens, redraw_every and longest_run are at least 1");
  }
  if (spec.batching.max_batch < 1 || spec.batching.token_budget < 1) {
    throw std::invalid_argument("a unit's max_batch and token_budget are at least 1");
  }
  if (spec.batching.preemption == Preemption::swap && !(spec.swap_bytes_per_s > 0)) {
    throw std::invalid_argument("swapping needs swap_bytes_per_s");
  }
  return spec;
}

void check(const SequenceWork& work) {
  if (work.input_tokens < 0 || work.output_tokens < 1 || work.generated_tokens < 0 ||
      work.cached_tokens < 0 || !(work.load_s >= 0)) {
    throw std::invalid_argument("a request with negative lengths");
  }
}

Sequence sequence_of(const SequenceWork& work, double time_s, std::uint64_t order) {
  Sequence sequence;
  sequence.work = work;
  sequence.submitted_s = time_s;
  sequence.ready_s = time_s + work.load_s;
  sequence.last_token_s = time_s;
  sequence.order = order;
  sequence.generated = work.generated_tokens;
  if (work.generated_tokens == 0) {
    const std::int64_t prompt = std::max<std::int64_t>(work.input_tokens, 1);
    sequence.to_compute = std::max<std::int64_t>(prompt - work.cached_tokens, 1);
    sequence.past = prompt - sequence.to_compute;
  }
  return sequence;
}

}  // namespace

ServingUnit::State::State(UnitSpec unit, double now_s)
    : spec(std::move(unit)),
      chain(spec.speculation),
      ranks(static_cast<std::size_t>(checked(spec).layout.attention_ranks()), spec.block_tokens,
            spec.kv_blocks, chain.drafts() == 0),
      prompts(spec.batching, ranks.size()),
      now(now_s),
      reached(now_s),
      next_pause(spec.pause_every_s > 0 ? now_s + spec.pause_every_s : kInfinity),
      last_decode_end(now_s) {}

bool ServingUnit::State::can_hold(const SequenceWork& work) const {
  const std::int64_t output =
      spec.role == PoolRole::prefill ? 0 : std::max(work.output_tokens, work.generated_tokens);
  return ranks.blocks_of(std::max<std::int64_t>(work.input_tokens, 1) + output) <= spec.kv_blocks;
}

void ServingUnit::State::flush_rejected(double until_s, std::vector<UnitEvent>& events) {
  std::size_t sent = 0;
  while (sent < rejected.size() && rejected[sent].time_s <= until_s) events.push_back(rejected[sent++]);
  rejected.erase(rejected.begin(), rejected.begin() + static_cast<std::ptrdiff_t>(sent));
}

/// All slots in use, in order of submission.
std::vector<std::uint32_t> ServingUnit::State::everything() const {
  std::vector<std::uint32_t> slots(waiting.begin(), waiting.end());
  for (auto left = arrivals; !left.empty(); left.pop()) slots.push_back(std::get<2>(left.top()));
  for (std::size_t r = 0; r < ranks.size(); ++r) {
    slots.insert(slots.end(), ranks.members(r).begin(), ranks.members(r).end());
    slots.insert(slots.end(), prompts.on(r).begin(), prompts.on(r).end());
  }
  std::sort(slots.begin(), slots.end(),
            [&](std::uint32_t a, std::uint32_t b) { return sequences[a].order < sequences[b].order; });
  return slots;
}

ServingUnit::ServingUnit(UnitSpec spec, double now_s)
    : state_(std::make_unique<State>(std::move(spec), now_s)) {}
ServingUnit::~ServingUnit() = default;
ServingUnit::ServingUnit(ServingUnit&&) noexcept = default;
ServingUnit& ServingUnit::operator=(ServingUnit&&) noexcept = default;

void ServingUnit::submit(double time_s, const SequenceWork& work) {
  State& s = *state_;
  check(work);
  if (time_s < s.reached) throw std::invalid_argument("a request submitted in the past");
  if (!s.can_hold(work)) {
    const UnitEvent event{time_s, work.request, UnitEventKind::rejected};
    const auto after = [](const UnitEvent& a, const UnitEvent& b) { return a.time_s < b.time_s; };
    s.rejected.insert(std::upper_bound(s.rejected.begin(), s.rejected.end(), event, after), event);
    ++s.totals.rejected;
    return;
  }
  const std::uint32_t slot = s.sequences.add(sequence_of(work, time_s, s.submissions++));
  s.waiting_tokens += s.sequences[slot].to_compute;
  s.arrivals.emplace(s.sequences[slot].ready_s, s.sequences[slot].order, slot);
  if (s.running) s.truncate(s.sequences[slot].ready_s);
}

void ServingUnit::place_running(const SequenceWork& work) {
  State& s = *state_;
  check(work);
  if (s.running) throw std::logic_error("place_running() after the unit has started");
  if (work.generated_tokens < 1 || work.generated_tokens >= work.output_tokens ||
      s.spec.role == PoolRole::prefill) {
    throw std::invalid_argument("place_running() of a request that does not decode");
  }
  if (!s.can_hold(work)) return submit(s.now, work);
  const std::uint32_t slot = s.sequences.add(sequence_of(work, s.now, s.submissions++));
  bool short_of_budget = false;
  if (s.keys.empty()) s.make_keys();
  const std::int64_t rank = s.choose_rank(s.sequences[slot], short_of_budget);
  if (rank < 0) {
    s.arrivals.emplace(s.now, s.sequences[slot].order, slot);
    return;
  }
  std::vector<UnitEvent> none;
  s.sequences[slot].started = true;
  s.start(slot, static_cast<std::uint32_t>(rank), none);
}

double ServingUnit::next_event() const {
  const State& s = *state_;
  const double next_rejected = s.rejected.empty() ? kInfinity : s.rejected.front().time_s;
  if (s.running) return std::min(next_rejected, s.run.end());
  double wake = kInfinity;
  if (s.ranks.total_decoding() > 0) wake = s.now;
  if (!s.arrivals.empty()) wake = std::min(wake, std::max(s.now, std::get<0>(s.arrivals.top())));
  return std::min(next_rejected, std::nextafter(wake, kInfinity));
}

void ServingUnit::advance(double until_s, std::vector<UnitEvent>& events) {
  State& s = *state_;
  while (true) {
    if (s.running) {
      const double end = s.run.end();
      if (end > until_s) break;
      s.flush_rejected(end, events);
      s.close(events);
      s.begin(false, events);
      continue;
    }
    double wake = kInfinity;
    if (s.ranks.total_decoding() > 0) wake = s.now;
    if (!s.arrivals.empty()) wake = std::min(wake, std::max(s.now, std::get<0>(s.arrivals.top())));
    if (!(wake < until_s)) break;
    s.flush_rejected(wake, events);
    s.now = wake;
    s.begin(true, events);
  }
  s.flush_rejected(until_s, events);
  s.reached = std::max(s.reached, until_s);
}

UnitLoad ServingUnit::load() const {
  const State& s = *state_;
  std::uint64_t clock = s.clock;
  if (s.running && s.run.decodes) clock += static_cast<std::uint64_t>(s.run.done_at(s.reached));
  UnitLoad load;
  load.running = s.ranks.total_decoding();
  load.waiting = static_cast<std::int64_t>(s.arrivals.size() + s.waiting.size()) + s.ranks.total_prompts();
  load.waiting_tokens = s.waiting_tokens;
  const double kv = s.ranks.total_kv(clock);
  load.running_tokens = static_cast<std::int64_t>(kv);
  load.kv_used_fraction = s.ranks.used_fraction(kv);
  return load;
}

bool ServingUnit::idle() const {
  const UnitLoad now = load();
  return now.running + now.waiting == 0;
}

bool ServingUnit::can_ever_hold(std::int64_t input_tokens, std::int64_t output_tokens) const {
  SequenceWork work;
  work.input_tokens = input_tokens;
  work.output_tokens = output_tokens;
  return state_->can_hold(work);
}

std::vector<SequenceWork> ServingUnit::fail() {
  State& s = *state_;
  if (s.running) s.account(s.run.done_at(s.reached));
  std::vector<SequenceWork> works;
  for (const std::uint32_t slot : s.everything()) works.push_back(s.sequences[slot].work);
  s.waiting.clear();
  s.arrivals = {};
  s.waiting_tokens = 0;
  s.blocked = false;
  s.running = false;
  s.stall_s = 0;
  s.fresh.clear();
  s.keys.clear();
  s.sequences.clear();
  s.ranks.clear();
  s.prompts.clear();
  s.wheel.clear();
  s.now = std::max(s.now, s.reached);
  return works;
}

const UnitTotals& ServingUnit::totals() const {
  return state_->totals;
}

double ServingUnit::output_tokens_at(double time_s) const {
  const State& s = *state_;
  if (!s.running || !s.run.decodes) return s.totals.output_tokens;
  const std::int64_t ended = std::max<std::int64_t>(s.run.done_at(time_s) - s.accounted, 0);
  return s.totals.output_tokens + static_cast<double>(ended) * static_cast<double>(s.ranks.total_rate()) /
                                      static_cast<double>(std::int64_t{1} << kTokenBits);
}

UnitTotals ServingUnit::take_totals() {
  State& s = *state_;
  if (s.running) s.account(s.run.done_at(s.reached));
  s.output_bits = 0;
  return std::exchange(s.totals, UnitTotals());
}

}  // namespace moesim
