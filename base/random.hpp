#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace moesim {

/// Philox4x32-10 of Salmon et al. 2011 ("Parallel random numbers: as easy as 1, 2, 3"): 128 random bits as a
/// pure function of a 128-bit counter and a 64-bit key.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

/// The number of a stream from its name (FNV-1a, 64 bits): stream_of("gpu_speed"). Each use has a stream of
/// its own.
constexpr std::uint64_t stream_of(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

/// The Philox key of (seed, stream). Keep it when many indices of one stream are drawn.
struct StreamKey {
  StreamKey(std::uint64_t seed, std::uint64_t stream);
  std::array<std::uint32_t, 2> words;
};

/// The random numbers of one (seed, stream, index): as many as wanted, the same on every machine and in any
/// order of construction. Numbers of different indices never overlap (2^66 words each). Cheap to make; copies
/// go on alike.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::uint64_t stream, std::uint64_t index = 0);
  RandomStream(const StreamKey& key, std::uint64_t index);

  std::uint32_t next_u32();
  std::uint64_t next_u64();
  /// In [0, 1), a multiple of 2^-53.
  double uniform();
  /// In (0, 1), an odd multiple of 2^-53.
  double uniform_open();
  /// In [0, bound), without bias; bound >= 1.
  std::uint64_t below(std::uint64_t bound);
  /// Mean 0, variance 1, by normal_quantile of one uniform_open.
  double normal();

 private:
  std::array<std::uint32_t, 2> key_;
  std::uint64_t index_;
  std::uint64_t block_ = 0;
  std::array<std::uint32_t, 4> words_{};
  unsigned used_ = 4;
};

/// The first uniform(), normal() of the stream at `index`, stateless.
double uniform_at(const StreamKey& key, std::uint64_t index);
double normal_at(const StreamKey& key, std::uint64_t index);
double uniform_at(std::uint64_t seed, std::uint64_t stream, std::uint64_t index);
double normal_at(std::uint64_t seed, std::uint64_t stream, std::uint64_t index);

}  // namespace moesim
