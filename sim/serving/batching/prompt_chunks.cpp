#include "sim/serving/batching/prompt_chunks.hpp"

#include <algorithm>

namespace moesim {

PromptChunks::PromptChunks(const BatchingSpec& batching, std::size_t ranks)
    : batching_(batching), prompts_(ranks), shares_(ranks) {}

void PromptChunks::begin(SequenceTable& sequences, const KvRanks& ranks, int decode_tokens) {
  batch_ = {};
  for (std::size_t r = 0; r < shares_.size(); ++r) {
    const std::int64_t decoding = batching_.prefill_first ? 0 : ranks.decoding(r) * decode_tokens;
    shares_[r] = {std::max<std::int64_t>(batching_.token_budget - decoding, 0), 0, 0};
    for (const std::uint32_t slot : prompts_[r]) take(sequences[slot]);
  }
}

/// Prompts that are not cut may be longer than the budget: then they are alone.
std::int64_t PromptChunks::chunk_of(const Share& share, std::int64_t tokens) const {
  if (batching_.chunked_prefill) return std::min(tokens, share.budget);
  return tokens <= share.budget || share.tokens == 0 ? tokens : 0;
}

bool PromptChunks::has_budget(std::size_t rank, std::int64_t tokens) const {
  return chunk_of(shares_[rank], tokens) > 0;
}

void PromptChunks::take(Sequence& sequence) {
  Share& share = shares_[sequence.rank];
  const std::int64_t left = sequence.to_compute - sequence.computed;
  sequence.chunk = chunk_of(share, left);
  if (sequence.chunk == 0) return;
  share.budget = std::max<std::int64_t>(share.budget - sequence.chunk, 0);
  share.tokens += sequence.chunk;
  const auto tokens = static_cast<double>(sequence.chunk);
  const auto past = static_cast<double>(sequence.past + sequence.computed);
  const double pairs = tokens * past + 0.5 * tokens * tokens;
  share.pairs += pairs;
  batch_.prompts += 1;
  batch_.prompt_tokens += tokens;
  batch_.past_tokens += past;
  batch_.prompt_pairs += pairs;
  batch_.finished_prompts += sequence.chunk == left ? 1 : 0;
  batch_.prompt_tokens_max = std::max(batch_.prompt_tokens_max, static_cast<double>(share.tokens));
  batch_.prompt_pairs_max = std::max(batch_.prompt_pairs_max, share.pairs);
}

void PromptChunks::start(SequenceTable& sequences, std::uint32_t slot) {
  prompts_[sequences[slot].rank].push_back(slot);
  ++count_;
  take(sequences[slot]);
}

void PromptChunks::fill(StepBatch& batch) const {
  batch.prompts = batch_.prompts;
  batch.prompt_tokens = batch_.prompt_tokens;
  batch.prompt_tokens_max = batch_.prompt_tokens_max;
  batch.past_tokens = batch_.past_tokens;
  batch.prompt_pairs = batch_.prompt_pairs;
  batch.prompt_pairs_max = batch_.prompt_pairs_max;
  batch.finished_prompts = batch_.finished_prompts;
}

void PromptChunks::end(SequenceTable& sequences, std::vector<std::uint32_t>& done) {
  if (batch_.prompts == 0) return;
  for (std::vector<std::uint32_t>& prompts : prompts_) {
    std::size_t kept = 0;
    for (const std::uint32_t slot : prompts) {
      Sequence& sequence = sequences[slot];
      sequence.computed += sequence.chunk;
      sequence.chunk = 0;
      if (sequence.computed >= sequence.to_compute) {
        done.push_back(slot);
      } else {
        prompts[kept++] = slot;
      }
    }
    prompts.resize(kept);
  }
  count_ -= done.size();
  batch_ = {};
}

void PromptChunks::remove(const SequenceTable& sequences, std::uint32_t slot) {
  std::erase(prompts_[sequences[slot].rank], slot);
  --count_;
}

void PromptChunks::clear() {
  *this = PromptChunks(batching_, prompts_.size());
}

}  // namespace moesim
