#include "sim/serving/batching/completion_wheel.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace moesim {
namespace {

constexpr std::uint64_t kMask = CompletionWheel::kBuckets - 1;
constexpr std::size_t kWords = CompletionWheel::kBuckets / 64;

}  // namespace

CompletionWheel::CompletionWheel() : heads_(kBuckets, kNone), used_(kWords, 0) {}

void CompletionWheel::push(std::uint32_t sequence, std::uint64_t due) {
  if (sequence >= nodes_.size()) nodes_.resize(std::max<std::size_t>(sequence + 1, 2 * nodes_.size()));
  const std::size_t bucket = due & kMask;
  const std::uint32_t head = heads_[bucket];
  nodes_[sequence] = {due, head, kNone};
  if (head != kNone) nodes_[head].previous = sequence;
  heads_[bucket] = sequence;
  used_[bucket / 64] |= std::uint64_t{1} << (bucket % 64);
  ++count_;
}

void CompletionWheel::remove(std::uint32_t sequence) {
  const Node& node = nodes_[sequence];
  const std::size_t bucket = node.due & kMask;
  if (node.next != kNone) nodes_[node.next].previous = node.previous;
  (node.previous == kNone ? heads_[bucket] : nodes_[node.previous].next) = node.next;
  if (heads_[bucket] == kNone) used_[bucket / 64] &= ~(std::uint64_t{1} << (bucket % 64));
  --count_;
}

void CompletionWheel::pop_due(std::uint64_t clock, std::vector<std::uint32_t>& sequences) {
  std::uint32_t at = heads_[clock & kMask];
  while (at != kNone) {
    const std::uint32_t next = nodes_[at].next;
    if (nodes_[at].due == clock) {
      remove(at);
      sequences.push_back(at);
    }
    at = next;
  }
}

std::uint64_t CompletionWheel::next_due(std::uint64_t clock) const {
  if (count_ == 0) return std::numeric_limits<std::uint64_t>::max();
  const std::size_t first = (clock + 1) & kMask;
  std::size_t word = first / 64;
  std::uint64_t bits = used_[word] & (~std::uint64_t{0} << (first % 64));
  for (std::size_t scanned = 0; scanned <= kWords; ++scanned) {
    if (bits != 0) {
      const std::size_t bucket = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
      return clock + 1 + ((bucket - first) & kMask);
    }
    word = (word + 1) % kWords;
    bits = used_[word];
  }
  return clock + kBuckets;
}

void CompletionWheel::clear() {
  *this = CompletionWheel();
}

}  // namespace moesim
