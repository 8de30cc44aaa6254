#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/results/record_sink.hpp"
#include "sim/results/span_chunk.hpp"

namespace moesim {

/// Bytes of a chunk of load rows, about: a chunk holds at least one row and at most kChunkRecords.
inline constexpr std::size_t kLoadChunkBytes = 4U << 20U;

/// Bytes of a load row in a chunk: step i64, layer i16 and `width` tokens u32.
constexpr std::size_t load_row_bytes(std::size_t width) {
  return sizeof(std::int64_t) + sizeof(std::int16_t) + width * sizeof(std::uint32_t);
}
constexpr std::size_t load_rows_per_chunk(std::size_t width) {
  return std::clamp(kLoadChunkBytes / load_row_bytes(width), std::size_t{1}, kChunkRecords);
}

/// Rows of one stream. In a chunk, little-endian: step i64[count], layer i16[count], tokens u32[count,
/// width].
class LoadRows {
 public:
  /// Throws RunError where the row is not as wide as those before.
  void add(std::string_view stream, const LoadRow& row);
  [[nodiscard]] std::size_t size() const { return steps_.size(); }
  /// Of the stream, 0 before its first row.
  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] LoadRow operator[](std::size_t index) const;
  [[nodiscard]] std::int64_t first_step() const { return *std::ranges::min_element(steps_); }
  [[nodiscard]] std::int64_t last_step() const { return *std::ranges::max_element(steps_); }
  /// Forgets the rows, not their width.
  void clear();

  [[nodiscard]] std::string encode() const;
  /// The rows of a chunk. Throws RunError where the size does not fit `count` rows of one width.
  static LoadRows decode(std::string_view data, std::size_t count);

 private:
  std::size_t width_ = 0;
  std::vector<std::int64_t> steps_;
  std::vector<std::int16_t> layers_;
  std::vector<std::uint32_t> tokens_;
};

/// The width of `count` rows that take `size` bytes. Throws RunError where there is none.
std::size_t load_width(std::size_t size, std::size_t count);

}  // namespace moesim
