#include <algorithm>
#include <cmath>

#include "sim/serving/batching/unit_state.hpp"

namespace moesim {
namespace {

constexpr double kPerToken = 1.0 / (std::int64_t{1} << kTokenBits);
/// Times of a run's iterations lie on a straight line as long as its ends differ by no more than this.
constexpr double kStraightRatio = 1.05;
/// Gaps between tokens are entered in parts that differ by no more than this.
constexpr double kGapRatio = 0.01;

}  // namespace

StepBatch ServingUnit::State::batch_now(bool decodes) const {
  StepBatch batch;
  batch.query_tokens = chain.drafts() + 1;
  if (chunks_begun) prompts.fill(batch);
  if (!decodes) return batch;
  const KvRanks::Fullest fullest = ranks.fullest(clock);
  batch.sequences = static_cast<double>(ranks.total_decoding());
  batch.sequences_max = static_cast<double>(fullest.decoding);
  batch.kv_tokens = ranks.total_kv(clock);
  batch.kv_tokens_max = static_cast<double>(fullest.kv_tokens);
  return batch;
}

/// The next run from `now`: one iteration where prompts are computed or caches swapped, else as many as pass
/// until somebody is complete, a rank runs out of blocks, or the expert load is drawn anew.
void ServingUnit::State::plan() {
  StepBatch prompt_batch;
  if (chunks_begun) prompts.fill(prompt_batch);
  const bool has_prompts = prompt_batch.prompts > 0;
  const bool decodes = ranks.total_decoding() > 0 && !(has_prompts && spec.batching.prefill_first);
  if (!decodes && !has_prompts) return;
  StepBatch batch = batch_now(decodes);
  ExpertState state;
  if (spec.experts) {
    state = spec.experts->state(batch.tokens(), spec.unit,
                                static_cast<std::uint64_t>(iterations / spec.redraw_every));
  }
  run = {};
  run.start_s = now;
  run.decodes = decodes;
  run.has_prompts = has_prompts;
  run.prompt_tokens = batch.prompt_tokens;
  run.first = spec.costs->step(batch, state);
  run.first.framework += stall_s;
  run.first_s = run.first.total();
  const bool one = has_prompts || stall_s > 0;
  stall_s = 0;
  running = true;
  accounted = 0;
  if (decodes && batch.kv_tokens > 0) {
    kv_max_over_mean = batch.kv_tokens_max * static_cast<double>(ranks.size()) / batch.kv_tokens;
  }
  if (one) return;
  plan_decode(batch, state);
  if (!arrivals.empty()) truncate(std::get<0>(arrivals.top()));
  if (next_pause < run.end()) run.length = run.iterations_to(next_pause, true);
}

void ServingUnit::State::plan_decode(StepBatch& batch, const ExpertState& state) {
  if (!blocked && !arrivals.empty() && std::get<0>(arrivals.top()) < run.end_after(1)) return;
  const std::int64_t to_redraw = spec.redraw_every - iterations % spec.redraw_every;
  std::uint64_t until = clock + static_cast<std::uint64_t>(std::min(to_redraw, spec.longest_run));
  until = std::min(until, wheel.next_due(clock));
  std::uint32_t rank = 0;
  std::int64_t planned = static_cast<std::int64_t>(ranks.runs_out(clock, until, rank) - clock);
  for (; planned > 1; planned /= 2) {
    const std::uint64_t last = clock + static_cast<std::uint64_t>(planned - 1);
    batch.kv_tokens = ranks.total_kv(last);
    batch.kv_tokens_max = static_cast<double>(ranks.fullest_kv(last));
    run.last = spec.costs->step(batch, state);
    const double last_s = run.last.total();
    if (std::max(last_s, run.first_s) > kStraightRatio * std::min(last_s, run.first_s)) continue;
    run.growth_s = (last_s - run.first_s) / static_cast<double>(planned - 1);
    break;
  }
  run.planned = run.length = std::max<std::int64_t>(planned, 1);
}

/// A request that is ready then joins at the next start of an iteration, if it can.
void ServingUnit::State::truncate(double ready_s) {
  if (run.length == 1 || blocked || ready_s >= run.end()) return;
  run.length = run.iterations_to(ready_s);
}

/// Adds the iterations of the open run up to `to` to the totals.
void ServingUnit::State::account(std::int64_t to) {
  const std::int64_t from = accounted;
  if (to <= from) return;
  accounted = to;
  const double seconds = run.end_after(to) - (from == 0 ? run.start_s : run.end_after(from));
  const auto decoding = static_cast<double>(ranks.total_decoding());
  const double grown = run.decodes ? static_cast<double>(ranks.total_rate()) * kPerToken : 0;
  const double kv = ranks.total_kv(clock);
  const double kv_mean = kv + grown * 0.5 * static_cast<double>(from + to - 1);
  totals.sequence_seconds += decoding * seconds;
  totals.kv_token_seconds += kv_mean * seconds;
  totals.kv_used_seconds += ranks.used_fraction(kv_mean) * seconds;
  totals.kv_used_max =
      std::max(totals.kv_used_max, ranks.used_fraction(kv + grown * static_cast<double>(to - 1)));
  if (run.pause) {
    totals.paused_s += seconds;
    return;
  }
  totals.iterations += to - from;
  if (run.has_prompts) totals.prefill_iterations += to - from;
  totals.busy_s += seconds;
  run.add_steps(from, to, totals.step);
  run.add_steps(from, to, run.has_prompts ? totals.prefill_step : totals.decode_step);
  if (!run.decodes) return;
  account_tokens(from, to);
  if (run.has_prompts) return;
  totals.plain_sequence_iterations += decoding * static_cast<double>(to - from);
  totals.plain_sequence_seconds += decoding * seconds;
}

void ServingUnit::State::account_tokens(std::int64_t from, std::int64_t to) {
  const std::int64_t bits = static_cast<std::int64_t>(ranks.total_rate()) * (to - from);
  const auto count = static_cast<double>(to - from);
  totals.decode_iterations += to - from;
  totals.attention_max_over_mean_weighted += kv_max_over_mean * count;
  totals.accepted_tokens += static_cast<double>(bits) * kPerToken;
  totals.sequence_iterations += static_cast<double>(ranks.total_decoding()) * count;
  output_bits += bits;
  totals.output_tokens = static_cast<double>(output_bits) * kPerToken;
  account_gaps(from, to);
}

/// Times between tokens: of the first iteration since each sequence had its last one, of the others their
/// own, in parts of about equal ones.
void ServingUnit::State::account_gaps(std::int64_t from, std::int64_t to) {
  if (from == 0) account_first_gap(run.end_after(1));
  from = std::max<std::int64_t>(from, 1);
  if (to <= from) return;
  const double tokens = static_cast<double>(ranks.total_rate()) * kPerToken;
  const double per_step = tokens / static_cast<double>(ranks.total_decoding());
  const double spread = std::abs(run.growth_s) * static_cast<double>(to - from) / run.first_s;
  const std::int64_t parts =
      std::min<std::int64_t>(to - from, 1 + static_cast<std::int64_t>(spread / kGapRatio));
  for (std::int64_t part = 0; part < parts; ++part) {
    const std::int64_t begin = from + (to - from) * part / parts;
    const std::int64_t end = from + (to - from) * (part + 1) / parts;
    const auto count = static_cast<double>(end - begin);
    const double gap = (run.end_after(end) - run.end_after(begin)) / count;
    totals.inter_token_s.add(gap / per_step, tokens * count);
  }
}

void ServingUnit::State::account_first_gap(double end_s) {
  std::int64_t others = ranks.total_decoding();
  std::uint64_t rate = ranks.total_rate();
  for (const Fresh& joined : fresh) {
    const Sequence& sequence = sequences[joined.slot];
    if (!sequence.decoding || sequence.admitted != joined.admitted) continue;  // preempted since
    const double tokens = static_cast<double>(sequence.rate) * kPerToken;
    totals.inter_token_s.add((end_s - sequence.last_token_s) / tokens, tokens);
    --others;
    rate -= sequence.rate;
  }
  fresh.clear();
  if (others <= 0) return;
  const double tokens = static_cast<double>(rate) * kPerToken;
  totals.inter_token_s.add((end_s - last_decode_end) * static_cast<double>(others) / tokens, tokens);
}

}  // namespace moesim
