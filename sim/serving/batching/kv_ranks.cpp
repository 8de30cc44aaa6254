#include "sim/serving/batching/kv_ranks.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

namespace moesim {
namespace {

/// Blocks of more tokens are not counted by phase.
constexpr std::int64_t kMostPhases = 1024;

std::int64_t floor_division(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

KvRanks::KvRanks(std::size_t ranks, std::int64_t block_tokens, std::int64_t blocks, bool lockstep)
    : block_tokens_(block_tokens),
      blocks_(std::min(blocks, (std::int64_t{1} << 40) / block_tokens)),
      lockstep_(lockstep && block_tokens <= kMostPhases),
      ranks_(ranks),
      phases_(lockstep_ ? ranks * static_cast<std::size_t>(block_tokens) : 0),
      members_(ranks),
      growths_(ranks),
      horizons_(ranks) {}

void KvRanks::count_phase(const Sequence& sequence, std::int32_t change) {
  if (!lockstep_) return;
  const std::int64_t offset = sequence.base_tokens - static_cast<std::int64_t>(sequence.base_clock);
  const std::int64_t whole = floor_division(offset, block_tokens_);
  const auto phase = static_cast<std::size_t>(offset - whole * block_tokens_);
  phases_[sequence.rank * static_cast<std::size_t>(block_tokens_) + phase] += change;
  ranks_[sequence.rank].whole_blocks += change * whole;
}

void KvRanks::join(Sequence& sequence, std::uint32_t slot, std::uint32_t rank, std::uint64_t clock) {
  sequence.rank = rank;
  sequence.place = static_cast<std::uint32_t>(members_[rank].size());
  members_[rank].push_back(slot);
  const std::uint64_t offset =
      (static_cast<std::uint64_t>(sequence.base_tokens) << kTokenBits) - sequence.rate * sequence.base_clock;
  for (Rank* at : {&ranks_[rank], &total_}) {
    at->offset += offset;
    at->rate += sequence.rate;
    ++at->decoding;
  }
  if (!lockstep_) growths_[rank].push_back({offset, sequence.rate});
  count_phase(sequence, 1);
  changed(rank, clock);
}

void KvRanks::leave(const Sequence& sequence, std::uint64_t clock, SequenceTable& sequences) {
  std::vector<std::uint32_t>& members = members_[sequence.rank];
  members[sequence.place] = members.back();
  sequences[members.back()].place = sequence.place;
  members.pop_back();
  const std::uint64_t offset =
      (static_cast<std::uint64_t>(sequence.base_tokens) << kTokenBits) - sequence.rate * sequence.base_clock;
  for (Rank* at : {&ranks_[sequence.rank], &total_}) {
    at->offset -= offset;
    at->rate -= sequence.rate;
    --at->decoding;
  }
  if (!lockstep_) {
    std::vector<Growth>& growths = growths_[sequence.rank];
    growths[sequence.place] = growths.back();
    growths.pop_back();
  }
  count_phase(sequence, -1);
  changed(sequence.rank, clock);
}

void KvRanks::add_prompt(std::uint32_t rank, std::int64_t tokens, std::uint64_t clock) {
  for (Rank* at : {&ranks_[rank], &total_}) {
    ++at->prompts;
    at->prompt_blocks += blocks_of(tokens);
    at->prompt_tokens += tokens;
  }
  changed(rank, clock);
}

void KvRanks::remove_prompt(std::uint32_t rank, std::int64_t tokens, std::uint64_t clock) {
  for (Rank* at : {&ranks_[rank], &total_}) {
    --at->prompts;
    at->prompt_blocks -= blocks_of(tokens);
    at->prompt_tokens -= tokens;
  }
  changed(rank, clock);
}

/// With clock - 1 = q B + d a sequence at phase p has floor(offset / B) + q + 1 blocks, one more where p + d
/// reaches B: ceil(x / B) = floor((x - 1) / B) + 1.
std::int64_t KvRanks::blocks_in_lockstep(std::size_t rank, std::uint64_t clock) const {
  const Rank& at = ranks_[rank];
  const std::int64_t before = static_cast<std::int64_t>(clock) - 1;
  const std::int64_t whole = floor_division(before, block_tokens_);
  const std::int64_t rest = before - whole * block_tokens_;
  const auto end = phases_.begin() + static_cast<std::ptrdiff_t>(rank + 1) * block_tokens_;
  return at.prompt_blocks + at.whole_blocks + at.decoding * (whole + 1) +
         std::accumulate(end - rest, end, std::int32_t{0});
}

std::int64_t KvRanks::blocks(std::size_t rank, std::uint64_t clock) const {
  if (lockstep_) return blocks_in_lockstep(rank, clock);
  // ceil(floor(x) / B) = floor((x + B - 1) / B) of a length x.
  const auto block = static_cast<std::uint64_t>(block_tokens_);
  const std::uint64_t round = (block - 1) << kTokenBits;
  std::uint64_t used = 0;
  if (std::has_single_bit(block)) {
    const int shift = kTokenBits + std::countr_zero(block);
    for (const Growth& at : growths_[rank]) used += (at.offset + at.rate * clock + round) >> shift;
  } else {
    for (const Growth& at : growths_[rank]) {
      used += ((at.offset + at.rate * clock + round) >> kTokenBits) / block;
    }
  }
  return ranks_[rank].prompt_blocks + static_cast<std::int64_t>(used);
}

bool KvRanks::has_room(std::size_t rank, std::uint64_t clock, std::int64_t more, std::int64_t reserve) const {
  const Rank& at = ranks_[rank];
  if (at.decoding == 0) return at.prompt_blocks + more + (at.prompts > 0 ? reserve : 0) <= blocks_;
  const std::int64_t free = blocks_ - at.prompt_blocks - more - reserve;
  const std::int64_t least = kv_tokens(rank, clock) / block_tokens_;
  if (least + at.decoding <= free) return true;
  // Rounding each length to whole tokens loses less than one token of a sequence.
  if (least > free + at.decoding / block_tokens_ + 1) return false;
  return blocks(rank, clock) + more + reserve <= blocks_;
}

KvRanks::Fullest KvRanks::fullest(std::uint64_t clock) const {
  Fullest result;
  std::int64_t kv = 0;
  for (const Rank& rank : ranks_) {
    result.decoding = std::max(result.decoding, rank.decoding);
    kv = std::max(kv, static_cast<std::int64_t>(rank.offset + rank.rate * clock));
  }
  result.kv_tokens = kv >> kTokenBits;
  return result;
}

std::int64_t KvRanks::fullest_kv(std::uint64_t clock) const {
  std::int64_t kv = 0;
  for (const Rank& rank : ranks_) {
    kv = std::max(kv, static_cast<std::int64_t>(rank.offset + rank.rate * clock));
  }
  return kv >> kTokenBits;
}

double KvRanks::used_fraction(double kv_tokens) const {
  const auto block = static_cast<double>(block_tokens_);
  const double decoding = (kv_tokens + 0.5 * (block - 1) * static_cast<double>(total_.decoding)) / block;
  const double all = static_cast<double>(blocks_) * static_cast<double>(ranks_.size());
  return std::min(1.0, (decoding + static_cast<double>(total_.prompt_blocks)) / all);
}

/// sum of ceil(x / B) < sum of x / B + sequences.
KvRanks::Horizon KvRanks::bound(const Rank& rank, std::uint64_t clock) const {
  if (rank.decoding == 0) return {};  // admission sees to it that prompts fit
  const std::int64_t limit =
      ((blocks_ - rank.prompt_blocks - rank.decoding) * block_tokens_) * (std::int64_t{1} << kTokenBits);
  const auto now = static_cast<std::int64_t>(rank.offset + rank.rate * clock);
  if (now > limit) return {clock, false};
  if (rank.rate == 0) return {};
  return {clock + static_cast<std::uint64_t>(limit - now) / rank.rate + 1, false};
}

/// In block_tokens iterations every sequence takes one block, those at phase p in the iteration behind a
/// clock with p + clock a multiple of it.
KvRanks::Horizon KvRanks::refined_in_lockstep(std::size_t rank, std::uint64_t clock) const {
  std::int64_t free = blocks_ - blocks_in_lockstep(rank, clock);
  if (free < 0) return {clock, true};
  const std::int64_t decoding = ranks_[rank].decoding;
  if (decoding == 0) return {};
  const auto block = static_cast<std::uint64_t>(block_tokens_);
  clock += static_cast<std::uint64_t>(free / decoding) * block;
  free %= decoding;
  const std::int32_t* phases = &phases_[rank * block];
  for (std::uint64_t phase = (block - clock % block) % block;; phase = (phase + block - 1) % block) {
    ++clock;
    free -= phases[phase];
    if (free < 0) return {clock, true};
  }
}

KvRanks::Horizon KvRanks::refined(std::size_t rank, std::uint64_t clock) const {
  if (lockstep_) return refined_in_lockstep(rank, clock);
  if (blocks(rank, clock) > blocks_) return {clock, true};
  const Rank& at = ranks_[rank];
  if (at.rate == 0) return {};
  // Enough at `fits`, not at `fails`: there the sum of x / B, less a token of each, is above all blocks.
  const std::int64_t full =
      ((blocks_ - at.prompt_blocks + 1) * block_tokens_ + at.decoding) * (std::int64_t{1} << kTokenBits);
  const std::int64_t missing = full - static_cast<std::int64_t>(at.offset + at.rate * clock);
  std::uint64_t fits = clock;
  std::uint64_t fails = clock + static_cast<std::uint64_t>(std::max<std::int64_t>(missing, 0)) / at.rate + 1;
  while (fails - fits > 1) {
    const std::uint64_t middle = fits + (fails - fits) / 2;
    (blocks(rank, middle) > blocks_ ? fails : fits) = middle;
  }
  return {fails, true};
}

void KvRanks::changed(std::size_t rank, std::uint64_t clock) {
  horizons_[rank] = bound(ranks_[rank], clock);
  earliest_ = std::min(earliest_, horizons_[rank].clock);
}

std::uint64_t KvRanks::runs_out(std::uint64_t clock, std::uint64_t until, std::uint32_t& rank) {
  if (earliest_ >= until) return until;
  earliest_ = kNever;
  for (std::size_t r = 0; r < horizons_.size(); ++r) {
    Horizon& horizon = horizons_[r];
    if (horizon.clock < until && !horizon.exact) horizon = refined(r, clock);
    if (horizon.clock >= earliest_) continue;
    earliest_ = horizon.clock;
    rank = static_cast<std::uint32_t>(r);
  }
  return std::max(clock, std::min(until, earliest_));
}

void KvRanks::clear() {
  *this = KvRanks(ranks_.size(), block_tokens_, blocks_, lockstep_);
}

}  // namespace moesim
