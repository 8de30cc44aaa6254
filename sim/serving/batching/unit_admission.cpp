#include <algorithm>
#include <stdexcept>

#include "sim/serving/batching/unit_state.hpp"

namespace moesim {
namespace {

/// Share of a rank's blocks that admission leaves free where others run on it, so that they can grow: vLLM's
/// default watermark (from memory).
constexpr std::int64_t kReservedPart = 100;

}  // namespace

/// Requests whose cached tokens are loaded come to the end of the queue, in order of that.
void ServingUnit::State::pull(bool inclusive) {
  while (!arrivals.empty()) {
    const auto& [ready, order, slot] = arrivals.top();
    if (inclusive ? ready > now : ready >= now) return;
    waiting.push_back(slot);
    arrivals.pop();
  }
}

/// Takes sequences out, the last admitted of a rank first, until every rank has the blocks of its caches.
void ServingUnit::State::settle_memory(std::vector<UnitEvent>& events) {
  std::uint32_t rank = 0;
  while (ranks.runs_out(clock, clock + 1, rank) == clock) {
    if (ranks.decoding(rank) + ranks.prompts(rank) < 2) throw std::logic_error("a sequence outgrew its rank");
    preempt(rank, events);
  }
}

void ServingUnit::State::preempt(std::uint32_t rank, std::vector<UnitEvent>& events) {
  std::uint32_t victim = 0;
  std::uint64_t last = 0;
  for (const auto* list : {&ranks.members(rank), &prompts.on(rank)}) {
    for (const std::uint32_t slot : *list) {
      if (sequences[slot].admitted < last) continue;
      last = sequences[slot].admitted;
      victim = slot;
    }
  }
  Sequence& sequence = sequences[victim];
  if (sequence.decoding) {
    preempt_decoding(sequence, victim);
  } else {
    preempt_prompt(sequence, victim);
  }
  waiting.push_front(victim);
  blocked = true;
  ++totals.preemptions;
  events.push_back({now, sequence.work.request, UnitEventKind::preempted});
}

void ServingUnit::State::preempt_prompt(Sequence& sequence, std::uint32_t slot) {
  prompts.remove(sequences, slot);
  ranks.remove_prompt(sequence.rank, sequence.past + sequence.to_compute, clock);
  waiting_tokens += sequence.past + sequence.computed;
  totals.computed_tokens += static_cast<double>(sequence.computed);
  totals.recomputed_tokens += static_cast<double>(sequence.computed);
  sequence.to_compute += sequence.past;
  sequence.past = 0;
  sequence.computed = 0;
}

void ServingUnit::State::preempt_decoding(Sequence& sequence, std::uint32_t slot) {
  const std::uint64_t done = sequence.rate * (clock - sequence.base_clock);
  const auto whole = static_cast<std::int64_t>(done >> kTokenBits);
  wheel.remove(slot);
  ranks.leave(sequence, clock, sequences);
  output_bits -= static_cast<std::int64_t>(done) - (whole << kTokenBits);
  sequence.decoding = false;
  sequence.generated += whole;
  sequence.steps_left -= static_cast<std::int64_t>(clock - sequence.base_clock);
  if (clock > sequence.base_clock) sequence.last_token_s = last_decode_end;
  if (spec.batching.preemption == Preemption::swap) {
    const double bytes =
        static_cast<double>(sequence.work.input_tokens + sequence.generated) * spec.kv_bytes_per_token;
    sequence.swapped = true;
    stall_s += bytes / spec.swap_bytes_per_s;
    totals.swapped_bytes += bytes;
    return;
  }
  sequence.recomputing = true;
  sequence.to_compute = sequence.work.input_tokens + sequence.generated;
  sequence.past = 0;
  sequence.computed = 0;
  waiting_tokens += sequence.to_compute;
}

std::int64_t ServingUnit::State::key(std::size_t rank) const {
  switch (spec.batching.rank_choice) {
    case RankChoice::fewest_tokens:
      return ranks.all_tokens(rank, clock);
    case RankChoice::fewest_sequences:
      return ranks.decoding(rank) + ranks.prompts(rank);
    case RankChoice::round_robin:
      break;
  }
  return static_cast<std::int64_t>(rank >= next_rank ? rank - next_rank : rank + ranks.size() - next_rank);
}

void ServingUnit::State::make_keys() {
  keys.assign(ranks.size(), [&](std::size_t rank) { return key(rank); });
}

ServingUnit::State::Room ServingUnit::State::room_on(std::size_t rank, const Sequence& sequence,
                                                     std::int64_t blocks) const {
  const bool full = ranks.decoding(rank) + ranks.prompts(rank) >= spec.batching.max_batch;
  if (full && spec.role != PoolRole::prefill) return Room::none;
  if (sequence.to_compute > 0 && !prompts.has_budget(rank, sequence.to_compute)) return Room::no_budget;
  return ranks.has_room(rank, clock, blocks, spec.kv_blocks / kReservedPart) ? Room::fits : Room::none;
}

/// The rank with the lowest key, then the lowest index, of those with room; -1 if there is none.
/// `short_of_budget`: one was left out because it has no tokens left in this iteration.
std::int64_t ServingUnit::State::choose_rank(const Sequence& sequence, bool& short_of_budget) const {
  const std::int64_t blocks =
      ranks.blocks_of(sequence.to_compute > 0 ? sequence.past + sequence.to_compute
                                              : sequence.work.input_tokens + sequence.generated);
  if (room_on(keys.lowest(), sequence, blocks) == Room::fits) {
    return static_cast<std::int64_t>(keys.lowest());
  }
  std::int64_t best = -1;
  for (std::size_t r = 0; r < ranks.size(); ++r) {
    if (best >= 0 && keys[r] >= keys[static_cast<std::size_t>(best)]) continue;
    const Room room = room_on(r, sequence, blocks);
    short_of_budget = short_of_budget || room == Room::no_budget;
    if (room == Room::fits) best = static_cast<std::int64_t>(r);
  }
  return best;
}

/// First come, first served: the first without room holds up those behind it.
void ServingUnit::State::admit(std::vector<UnitEvent>& events) {
  while (!blocked && !waiting.empty()) {
    const std::uint32_t slot = waiting.front();
    if (sequences[slot].to_compute > 0 && !chunks_begun) {
      prompts.begin(sequences, ranks, chain.drafts() + 1);
      chunks_begun = true;
    }
    if (keys.empty()) make_keys();
    bool short_of_budget = false;
    const std::int64_t rank = choose_rank(sequences[slot], short_of_budget);
    if (rank < 0) {
      blocked = !short_of_budget;
      return;
    }
    waiting.pop_front();
    start(slot, static_cast<std::uint32_t>(rank), events);
  }
}

void ServingUnit::State::start(std::uint32_t slot, std::uint32_t rank, std::vector<UnitEvent>& events) {
  Sequence& sequence = sequences[slot];
  sequence.admitted = ++admissions;
  if (!sequence.started) {
    sequence.started = true;
    ++totals.started;
    totals.waiting_seconds += now - sequence.submitted_s;
    events.push_back({now, sequence.work.request, UnitEventKind::started});
  }
  if (sequence.swapped) {
    const double bytes =
        static_cast<double>(sequence.work.input_tokens + sequence.generated) * spec.kv_bytes_per_token;
    sequence.swapped = false;
    stall_s += bytes / spec.swap_bytes_per_s;
    totals.swapped_bytes += bytes;
  }
  if (sequence.to_compute > 0) {
    sequence.rank = rank;
    ranks.add_prompt(rank, sequence.past + sequence.to_compute, clock);
    prompts.start(sequences, slot);
  } else {
    join(slot, rank, events);
  }
  next_rank = (rank + 1) % ranks.size();
  if (spec.batching.rank_choice == RankChoice::round_robin) return make_keys();
  keys.set(rank, key(rank));
}

/// Into the decoding batch, with all tokens so far in the cache.
void ServingUnit::State::join(std::uint32_t slot, std::uint32_t rank, std::vector<UnitEvent>& events) {
  Sequence& sequence = sequences[slot];
  const std::int64_t left = sequence.work.output_tokens - sequence.generated;
  if (sequence.steps_left < 0) {
    sequence.steps_left = chain.steps_for(std::max<std::int64_t>(left, 0), spec.seed, sequence.work.draw);
  }
  if (left <= 0 || sequence.steps_left <= 0) return complete(slot, events);
  const auto steps = static_cast<std::uint64_t>(sequence.steps_left);
  sequence.decoding = true;
  sequence.base_clock = clock;
  sequence.base_tokens = sequence.work.input_tokens + sequence.generated;
  sequence.rate = (static_cast<std::uint64_t>(left) << kTokenBits) / steps;
  ranks.join(sequence, slot, rank, clock);
  wheel.push(slot, clock + steps);
  fresh.push_back({slot, sequence.admitted});
}

}  // namespace moesim
