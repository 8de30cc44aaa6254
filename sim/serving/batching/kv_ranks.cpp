#include "sim/serving/batching/kv_ranks.hpp"

#include <algorithm>

namespace moesim {

KvRanks::KvRanks(const SequenceTable& sequences, std::size_t ranks, std::int64_t block_tokens,
                 std::int64_t blocks)
    : sequences_(&sequences),
      block_tokens_(block_tokens),
      blocks_(std::min(blocks, (std::int64_t{1} << 40) / block_tokens)),
      ranks_(ranks),
      members_(ranks),
      horizons_(ranks) {}

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

std::int64_t KvRanks::blocks(std::size_t rank, std::uint64_t clock) const {
  std::int64_t used = ranks_[rank].prompt_blocks;
  for (const std::uint32_t slot : members_[rank]) used += blocks_of((*sequences_)[slot].kv_tokens(clock));
  return used;
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

KvRanks::Horizon KvRanks::refined(std::size_t rank, std::uint64_t clock) const {
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
  while (earliest_ < until) {
    std::size_t first = 0;
    for (std::size_t r = 1; r < horizons_.size(); ++r) {
      if (horizons_[r].clock < horizons_[first].clock) first = r;
    }
    earliest_ = horizons_[first].clock;
    if (earliest_ >= until) break;
    if (horizons_[first].exact) {
      rank = static_cast<std::uint32_t>(first);
      return std::max(clock, earliest_);
    }
    horizons_[first] = refined(first, clock);
    earliest_ = 0;  // look again
  }
  return until;
}

void KvRanks::clear() {
  *this = KvRanks(*sequences_, ranks_.size(), block_tokens_, blocks_);
}

}  // namespace moesim
