#include "base/random.hpp"

#include "base/math.hpp"

namespace moesim {
namespace {

constexpr std::uint32_t low_half(std::uint64_t x) {
  return static_cast<std::uint32_t>(x);
}
constexpr std::uint32_t high_half(std::uint64_t x) {
  return static_cast<std::uint32_t>(x >> 32);
}

/// Separates the counters that derive keys from those that give numbers under the seed itself.
constexpr std::uint32_t kKeyDomain = 0x6d6f6573;

}  // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) {
  constexpr std::uint64_t kMultiplier0 = 0xD2511F53;
  constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = kMultiplier0 * counter[0];
    const std::uint64_t product1 = kMultiplier1 * counter[2];
    counter = {high_half(product1) ^ counter[1] ^ key[0], low_half(product1),
               high_half(product0) ^ counter[3] ^ key[1], low_half(product0)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

StreamKey::StreamKey(std::uint64_t seed, std::uint64_t stream) {
  const auto derived =
      philox4x32({low_half(stream), high_half(stream), kKeyDomain, 0}, {low_half(seed), high_half(seed)});
  words = {derived[0], derived[1]};
}

RandomStream::RandomStream(std::uint64_t seed, std::uint64_t stream, std::uint64_t index)
    : RandomStream(StreamKey(seed, stream), index) {}

RandomStream::RandomStream(const StreamKey& key, std::uint64_t index) : key_(key.words), index_(index) {}

std::uint32_t RandomStream::next_u32() {
  if (used_ == words_.size()) {
    words_ = philox4x32({low_half(block_), high_half(block_), low_half(index_), high_half(index_)}, key_);
    ++block_;
    used_ = 0;
  }
  return words_[used_++];
}

std::uint64_t RandomStream::next_u64() {
  const std::uint64_t low = next_u32();
  return (std::uint64_t{next_u32()} << 32) | low;
}

double RandomStream::uniform() {
  return static_cast<double>(next_u64() >> 11) * 0x1p-53;
}

double RandomStream::uniform_open() {
  return (static_cast<double>(next_u64() >> 12) + 0.5) * 0x1p-52;
}

std::uint64_t RandomStream::below(std::uint64_t bound) {
  const std::uint64_t rejected = (0 - bound) % bound;  // 2^64 mod bound: below it the residues are uneven
  for (;;) {
    const std::uint64_t x = next_u64();
    if (x >= rejected) return x % bound;
  }
}

double RandomStream::normal() {
  return normal_quantile(uniform_open());
}

double uniform_at(const StreamKey& key, std::uint64_t index) {
  return RandomStream(key, index).uniform();
}

double normal_at(const StreamKey& key, std::uint64_t index) {
  return RandomStream(key, index).normal();
}

double uniform_at(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  return uniform_at(StreamKey(seed, stream), index);
}

double normal_at(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  return normal_at(StreamKey(seed, stream), index);
}

}  // namespace moesim
