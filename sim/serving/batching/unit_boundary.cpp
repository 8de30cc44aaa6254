#include <algorithm>
#include <cmath>

#include "sim/serving/batching/unit_state.hpp"

namespace moesim {

/// Starts the next run of iterations at `now`, or leaves the unit idle.
void ServingUnit::State::begin(bool woke, std::vector<UnitEvent>& events) {
  keys.clear();
  settle_memory(events);
  if (now >= next_pause && begin_pause(woke)) return;
  pull(woke);
  chunks_begun = false;
  if (!prompts.empty()) {
    prompts.begin(sequences, ranks, chain.drafts() + 1);
    chunks_begun = true;
  }
  admit(events);
  plan();
}

/// The unit stands still. A pause that fell into idle time is over, or what is left of it is waited for;
/// those that would begin in a pause are left out.
bool ServingUnit::State::begin_pause(bool woke) {
  double length = spec.pause_s;
  if (woke) {
    const double begun =
        next_pause + std::floor((now - next_pause) / spec.pause_every_s) * spec.pause_every_s;
    length = begun + spec.pause_s - now;
    next_pause = begun;
  }
  while (next_pause <= now + std::max(length, 0.0)) next_pause += spec.pause_every_s;
  if (!(length > 0)) return false;
  run = {};
  run.start_s = now;
  run.first_s = length;
  run.pause = true;
  running = true;
  accounted = 0;
  return true;
}

/// The end of the open run: who is done leaves, whose prompt is done decodes.
void ServingUnit::State::close(std::vector<UnitEvent>& events) {
  account(run.length);
  now = run.end();
  running = false;
  if (run.pause) return;
  iterations += run.length;
  if (run.decodes) {
    clock += static_cast<std::uint64_t>(run.length);
    last_decode_end = now;
    scratch.clear();
    wheel.pop_due(clock, scratch);
    std::sort(scratch.begin(), scratch.end(), [&](std::uint32_t a, std::uint32_t b) {
      return sequences[a].admitted < sequences[b].admitted;
    });
    for (const std::uint32_t slot : scratch) {
      Sequence& sequence = sequences[slot];
      const std::int64_t done = static_cast<std::int64_t>(sequence.rate * (clock - sequence.base_clock));
      const std::int64_t left = sequence.work.output_tokens - sequence.generated;
      output_bits += (left << kTokenBits) - done;
      ranks.leave(sequence, clock, sequences);
      sequence.generated = sequence.work.output_tokens;
      complete(slot, events);
    }
  }
  if (run.has_prompts) finish_prompts(events);
  totals.output_tokens =
      static_cast<double>(output_bits) / static_cast<double>(std::int64_t{1} << kTokenBits);
}

void ServingUnit::State::complete(std::uint32_t slot, std::vector<UnitEvent>& events) {
  ++totals.completed;
  blocked = false;
  events.push_back({now, sequences[slot].work.request, UnitEventKind::completed});
  sequences.erase(slot);
}

void ServingUnit::State::finish_prompts(std::vector<UnitEvent>& events) {
  scratch.clear();
  prompts.end(sequences, scratch);
  waiting_tokens -= static_cast<std::int64_t>(run.prompt_tokens);
  std::sort(scratch.begin(), scratch.end(),
            [&](std::uint32_t a, std::uint32_t b) { return sequences[a].admitted < sequences[b].admitted; });
  for (const std::uint32_t slot : scratch) finish_prompt(slot, events);
}

/// A prompt that is done yields a token.
void ServingUnit::State::finish_prompt(std::uint32_t slot, std::vector<UnitEvent>& events) {
  Sequence& sequence = sequences[slot];
  const auto computed = static_cast<double>(sequence.to_compute);
  ranks.remove_prompt(sequence.rank, sequence.past + sequence.to_compute, clock);
  totals.computed_tokens += computed;
  sequence.to_compute = 0;
  sequence.computed = 0;
  ++sequence.generated;
  output_bits += std::int64_t{1} << kTokenBits;
  if (sequence.recomputing) {
    sequence.recomputing = false;
    totals.recomputed_tokens += computed;
    totals.inter_token_s.add(now - sequence.last_token_s, 1);
    const std::int64_t left = sequence.work.output_tokens - sequence.generated;
    sequence.steps_left = std::min(sequence.steps_left - 1, left);
    if (sequence.steps_left <= 0) output_bits += left << kTokenBits;
  } else {
    totals.input_tokens += static_cast<double>(sequence.work.input_tokens);
    events.push_back({now, sequence.work.request, UnitEventKind::first_token});
  }
  sequence.last_token_s = now;
  if (spec.role == PoolRole::prefill) {
    blocked = false;
    ++totals.completed;
    sequences.erase(slot);
    return;
  }
  join(slot, sequence.rank, events);
}

}  // namespace moesim
