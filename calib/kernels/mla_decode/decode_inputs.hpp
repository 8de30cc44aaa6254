#pragma once

#include <cstdint>
#include <vector>

#include "calib/kernels/device_buffer.hpp"
#include "calib/kernels/mla_decode/decode_params.hpp"
#include "calib/measure/measured_case.hpp"

namespace moesim {

/// A case read: axes heads, queries, batch, length; setting `ragged` 1 draws the lengths from [0, length].
struct DecodeCase {
  DecodeShape shape;
  int longest = 0;
  std::vector<int> lengths;  ///< [batch]
};
DecodeCase read_decode_case(const MeasuredCase& point, std::uint64_t seed);

/// Operations of a call (2 x heads x 1088 for each pair of query token and visible token), and the bytes of
/// queries, cache and outputs.
Work work_of(const DecodeCase& decode);

/// Bytes of device memory that `num_sets` queries and caches take with one output and its pieces.
double memory_of(const DecodeCase& decode, int num_parts, int num_sets);

/// Query and cache of one call, with the pages of each sequence scattered over the cache.
class DecodeInputs {
 public:
  DecodeInputs(const DecodeCase& decode, std::uint64_t seed);
  /// Points `params` at these inputs.
  void give_to(DecodeParams& params) const;
  [[nodiscard]] int num_pages() const { return num_pages_; }

 private:
  int num_pages_ = 1;
  int table_stride_ = 1;
  DeviceBuffer<__nv_bfloat16> query_;
  DeviceBuffer<__nv_bfloat16> cache_;
  DeviceBuffer<int> block_table_;
  DeviceBuffer<int> lengths_;
};

/// Pages of a sequence; none where it is empty.
constexpr int num_pages_of(int length) {
  return (length + kPageTokens - 1) / kPageTokens;
}

/// [batch, stride] pages of every sequence, a random permutation of as many pages as they need; rows are
/// filled up with the page 0.
std::vector<int> make_block_table(const std::vector<int>& lengths, int stride, std::uint64_t seed);

}  // namespace moesim
