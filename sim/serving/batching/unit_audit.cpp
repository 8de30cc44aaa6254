#include <algorithm>
#include <stdexcept>
#include <string>

#include "sim/serving/batching/unit_state.hpp"

namespace moesim {
namespace {

void expect(bool holds, const char* what) {
  if (!holds) throw std::logic_error(std::string("audit of a unit: ") + what);
}

}  // namespace

void ServingUnit::State::audit_rank(std::size_t rank) const {
  std::int64_t blocks = 0;
  std::uint64_t bits = 0;
  for (const std::uint32_t slot : ranks.members(rank)) {
    const Sequence& sequence = sequences[slot];
    expect(sequence.decoding && sequence.rank == rank, "a sequence is on another rank");
    expect(ranks.members(rank)[sequence.place] == slot, "a sequence is not where it says");
    const std::int64_t tokens = sequence.kv_tokens(clock);
    expect(tokens <= sequence.work.input_tokens + sequence.work.output_tokens, "a cache has grown too long");
    blocks += ranks.blocks_of(tokens);
    bits += (static_cast<std::uint64_t>(sequence.base_tokens) << kTokenBits) +
            sequence.rate * (clock - sequence.base_clock);
  }
  expect(ranks.kv_tokens(rank, clock) == static_cast<std::int64_t>(bits >> kTokenBits),
         "KV tokens of a rank disagree");
  std::int64_t prompt_tokens = 0;
  for (const std::uint32_t slot : prompts.on(rank)) {
    const Sequence& sequence = sequences[slot];
    expect(!sequence.decoding && sequence.rank == rank, "a prompt is on another rank");
    expect(sequence.computed + sequence.chunk <= sequence.to_compute, "a prompt is computed twice");
    blocks += ranks.blocks_of(sequence.past + sequence.to_compute);
    prompt_tokens += sequence.past + sequence.to_compute;
  }
  expect(ranks.all_tokens(rank, clock) - ranks.kv_tokens(rank, clock) == prompt_tokens,
         "prompt tokens of a rank disagree");
  expect(blocks == ranks.blocks(rank, clock), "blocks of a rank disagree");
  expect(blocks <= spec.kv_blocks, "a rank uses more blocks than it has");
  const auto members = static_cast<std::int64_t>(ranks.members(rank).size());
  expect(members == ranks.decoding(rank), "sequences of a rank disagree");
  expect(spec.role == PoolRole::prefill || members <= spec.batching.max_batch, "a batch is too large");
}

void ServingUnit::audit() const {
  const State& s = *state_;
  std::int64_t decoding = 0;
  for (std::size_t r = 0; r < s.ranks.size(); ++r) {
    s.audit_rank(r);
    decoding += s.ranks.decoding(r);
  }
  expect(decoding == s.ranks.total_decoding(), "sequences of the unit disagree");
  const auto slots = s.everything();
  expect(std::adjacent_find(slots.begin(), slots.end()) == slots.end(), "a request is there twice");
  expect(slots.size() == s.sequences.in_use(), "a request is nowhere");
  std::int64_t waiting = 0;
  for (const std::uint32_t slot : slots) {
    const Sequence& sequence = s.sequences[slot];
    if (!sequence.decoding) waiting += sequence.to_compute - sequence.computed;
  }
  expect(waiting == s.waiting_tokens, "tokens that wait disagree");
}

}  // namespace moesim
