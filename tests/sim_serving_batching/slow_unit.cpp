#include "tests/sim_serving_batching/slow_unit.hpp"

#include <algorithm>
#include <utility>

namespace moesim::test {

SlowUnit::SlowUnit(UnitSpec spec)
    : spec_(std::move(spec)), ranks_(static_cast<std::size_t>(spec_.layout.attention_ranks())) {}

std::int64_t SlowUnit::blocks_of(std::int64_t tokens) const {
  return (tokens + spec_.block_tokens - 1) / spec_.block_tokens;
}

std::int64_t SlowUnit::blocks(std::size_t rank) const {
  std::int64_t sum = 0;
  for (const Item& item : running_) sum += item.rank == rank ? blocks_of(item.tokens()) : 0;
  return sum;
}

std::int64_t SlowUnit::tokens(std::size_t rank) const {
  std::int64_t sum = 0;
  for (const Item& item : running_) sum += item.rank == rank ? item.tokens() : 0;
  return sum;
}

void SlowUnit::preempt() {
  for (std::size_t rank = 0; rank < ranks_; ++rank) {
    while (blocks(rank) > spec_.kv_blocks) {
      auto victim = std::prev(running_.end());
      while (victim->rank != rank) --victim;
      Item item = *victim;
      running_.erase(victim);
      item.to_compute = item.decodes ? item.work.input_tokens + item.generated : item.to_compute;
      item.computed = 0;
      item.decodes = false;
      say(item, UnitEventKind::preempted);
      waiting_.push_front(item);
      blocked_ = true;
    }
  }
}

bool SlowUnit::take_chunk(Item& item) {
  const std::int64_t left = item.to_compute - item.computed;
  std::int64_t& budget = budget_[item.rank];
  item.chunk = std::min(left, budget);
  if (!spec_.batching.chunked_prefill) item.chunk = left <= budget || taken_[item.rank] == 0 ? left : 0;
  budget = std::max<std::int64_t>(budget - item.chunk, 0);
  taken_[item.rank] += item.chunk;
  return item.chunk > 0;
}

void SlowUnit::start_chunks() {
  budget_.assign(ranks_, spec_.batching.token_budget);
  taken_.assign(ranks_, 0);
  for (const Item& item : running_) {
    if (item.decodes && !spec_.batching.prefill_first && budget_[item.rank] > 0) --budget_[item.rank];
  }
  for (Item& item : running_) {
    if (!item.decodes) take_chunk(item);
  }
}

std::int64_t SlowUnit::choose(const Item& item, bool& short_of_budget) {
  std::int64_t best = -1;
  std::int64_t fewest = 0;
  for (std::size_t rank = 0; rank < ranks_; ++rank) {
    const std::int64_t key = tokens(rank);
    const std::int64_t on = std::count_if(running_.begin(), running_.end(),
                                          [&](const Item& other) { return other.rank == rank; });
    if (best >= 0 && key >= fewest) continue;
    if (spec_.role != PoolRole::prefill && on >= spec_.batching.max_batch) continue;
    Item there = item;
    there.rank = rank;
    const auto budget = budget_;
    const auto taken = taken_;
    const bool fits = item.to_compute == 0 || take_chunk(there);
    budget_ = budget;
    taken_ = taken;
    if (!fits) {
      short_of_budget = true;
      continue;
    }
    const std::int64_t reserve = on > 0 ? spec_.kv_blocks / 100 : 0;
    if (blocks(rank) + blocks_of(item.tokens()) + reserve > spec_.kv_blocks) continue;
    best = static_cast<std::int64_t>(rank);
    fewest = key;
  }
  return best;
}

void SlowUnit::admit() {
  while (!blocked_ && !waiting_.empty()) {
    bool short_of_budget = false;
    const std::int64_t rank = choose(waiting_.front(), short_of_budget);
    if (rank < 0) {
      blocked_ = !short_of_budget;
      return;
    }
    Item item = waiting_.front();
    waiting_.pop_front();
    item.rank = static_cast<std::size_t>(rank);
    item.admitted = ++admissions_;
    if (!item.started) say(item, UnitEventKind::started);
    item.started = true;
    item.decodes = item.to_compute == 0;
    if (!item.decodes) take_chunk(item);
    running_.push_back(item);
  }
}

double SlowUnit::iterate() {
  StepBatch batch;
  std::vector<StepBatch> by_rank(ranks_);
  for (const Item& item : running_) batch.prompts += item.chunk > 0 ? 1 : 0;
  decoded_ = batch.prompts == 0 || !spec_.batching.prefill_first;
  for (const Item& item : running_) {
    StepBatch& of = by_rank[item.rank];
    if (item.decodes && decoded_) {
      of.sequences += 1;
      of.kv_tokens += static_cast<double>(item.tokens());
    }
    const auto chunk = static_cast<double>(item.chunk);
    of.prompt_tokens += chunk;
    of.prompt_pairs += chunk * static_cast<double>(item.computed) + 0.5 * chunk * chunk;
  }
  for (const StepBatch& of : by_rank) {
    batch.sequences += of.sequences;
    batch.kv_tokens += of.kv_tokens;
    batch.prompt_tokens += of.prompt_tokens;
    batch.prompt_pairs += of.prompt_pairs;
    batch.sequences_max = std::max(batch.sequences_max, of.sequences);
    batch.kv_tokens_max = std::max(batch.kv_tokens_max, of.kv_tokens);
    batch.prompt_tokens_max = std::max(batch.prompt_tokens_max, of.prompt_tokens);
    batch.prompt_pairs_max = std::max(batch.prompt_pairs_max, of.prompt_pairs);
  }
  return spec_.costs->step(batch, {}).total();
}

/// Decoding sequences that are complete leave first, then prompts that are done.
void SlowUnit::finish() {
  std::vector<Place> done;
  for (auto item = running_.begin(); item != running_.end(); ++item) {
    if (item->decodes && decoded_ && ++item->generated == item->work.output_tokens) done.push_back(item);
  }
  for (auto item = running_.begin(); item != running_.end(); ++item) {
    if (item->decodes || item->chunk == 0) continue;
    item->computed += item->chunk;
    item->chunk = 0;
    if (item->computed < item->to_compute) continue;
    ++item->generated;
    item->decodes = true;
    item->to_compute = 0;
    if (!item->seen_first && item->generated == 1) {
      item->seen_first = true;
      done.push_back(item);
    } else if (item->generated == item->work.output_tokens) {
      done.push_back(item);
    }
  }
  for (const Place item : done) {
    if (item->generated == 1) say(*item, UnitEventKind::first_token);
    const bool prefill = spec_.role == PoolRole::prefill;
    if (!prefill && item->generated < item->work.output_tokens) continue;
    if (!prefill) say(*item, UnitEventKind::completed);
    running_.erase(item);
    blocked_ = false;
  }
}

std::vector<UnitEvent> SlowUnit::play(const std::vector<TimedWork>& works) {
  std::size_t next = 0;
  while (next < works.size() || !running_.empty() || !waiting_.empty()) {
    const bool idle = running_.empty() && waiting_.empty();
    if (idle) now_ = std::max(now_, works[next].time_s);
    while (next < works.size() && (idle ? works[next].time_s <= now_ : works[next].time_s < now_)) {
      Item item;
      item.work = works[next++].work;
      item.generated = item.work.generated_tokens;
      item.to_compute = item.generated == 0 ? item.work.input_tokens : 0;
      const std::int64_t most =
          item.work.input_tokens + (spec_.role == PoolRole::prefill ? 0 : item.work.output_tokens);
      if (blocks_of(most) <= spec_.kv_blocks) waiting_.push_back(item);
    }
    if (running_.empty() && waiting_.empty()) continue;
    preempt();
    start_chunks();
    admit();
    now_ += iterate();
    finish();
  }
  return events_;
}

}  // namespace moesim::test
