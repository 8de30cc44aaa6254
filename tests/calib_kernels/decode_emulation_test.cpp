// The algorithm of the decode kernels on the CPU (parts, tiles, running maximum and sum, weights rounded to
// BF16 in the swizzled tile, pieces, combination) against a plain softmax in FP64, with narrow heads.

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "calib/kernels/attention/swizzled_tile.hpp"
#include "calib/kernels/mla_decode/combine_weights.hpp"
#include "calib/kernels/mla_decode/split_schedule.hpp"
#include "tests/calib_kernels/num_pieces.hpp"

namespace moesim {
namespace {

constexpr int kKey = 24;
constexpr int kValue = 16;
constexpr float kScale = 0.3f;
constexpr float kLog2E = 1.4426950408889634f;

float to_bf16(float x) {
  auto bits = std::bit_cast<std::uint32_t>(x);
  bits += 0x7fff + (bits >> 16 & 1);
  return std::bit_cast<float>(bits & 0xffff0000);
}

struct Case {
  DecodeShape shape;
  std::vector<int> lengths;
  std::vector<std::vector<float>> query;  // [batch][rows * kKey]
  std::vector<std::vector<float>> cache;  // [batch][tiles * 64 * kKey], NaN behind the end
};

Case make_case(DecodeShape shape, std::vector<int> lengths, RandomStream& random) {
  Case made{shape, std::move(lengths), {}, {}};
  for (const int length : made.lengths) {
    std::vector<float> query(static_cast<std::size_t>(shape.rows() * kKey));
    for (float& x : query) x = to_bf16(static_cast<float>(random.normal()));
    std::vector<float> cache(static_cast<std::size_t>(num_tiles(length) * kPageTokens * kKey), NAN);
    for (int i = 0; i < length * kKey; ++i)
      cache[static_cast<std::size_t>(i)] = to_bf16(static_cast<float>(random.normal()));
    made.query.push_back(std::move(query));
    made.cache.push_back(std::move(cache));
  }
  return made;
}

struct RowResult {
  std::array<double, kValue> out{};
  double lse = -INFINITY;
};

/// [batch * rows]
std::vector<RowResult> direct(const Case& c) {
  std::vector<RowResult> results;
  for (std::size_t s = 0; s < c.lengths.size(); ++s) {
    for (int row = 0; row < c.shape.rows(); ++row) {
      RowResult result;
      const int visible = c.lengths[s] - (c.shape.queries - 1 - row / c.shape.heads);
      double sum = 0;
      for (int token = 0; token < visible; ++token) {
        double score = 0;
        for (int k = 0; k < kKey; ++k)
          score += static_cast<double>(c.query[s][static_cast<std::size_t>(row * kKey + k)]) *
                   static_cast<double>(c.cache[s][static_cast<std::size_t>(token * kKey + k)]);
        const double weight = std::exp(score * static_cast<double>(kScale));
        sum += weight;
        for (std::size_t i = 0; i < kValue; ++i)
          result.out[i] +=
              weight * static_cast<double>(c.cache[s][static_cast<std::size_t>(token * kKey) + i]);
      }
      for (double& x : result.out) x = visible > 0 ? x / sum : 0;
      if (visible > 0) result.lse = std::log(sum);
      results.push_back(result);
    }
  }
  return results;
}

/// One row of one piece as the kernels do it.
struct PieceRow {
  float maximum = -INFINITY;
  float sum = 0;
  std::array<float, kValue> out{};

  void add_tile(const Case& c, std::size_t s, int row, int tile) {
    const int visible = visible_tokens(row, c.shape.heads, c.shape.queries, c.lengths[s], tile * kPageTokens);
    const float* cache = c.cache[s].data() + static_cast<std::ptrdiff_t>(tile) * kPageTokens * kKey;
    std::array<float, kPageTokens> scores;
    float largest = maximum;
    for (int t = 0; t < kPageTokens; ++t) {
      float score = 0;
      for (int k = 0; k < kKey; ++k)
        score += c.query[s][static_cast<std::size_t>(row * kKey + k)] * cache[t * kKey + k];
      scores[static_cast<std::size_t>(t)] = t < visible ? score : -INFINITY;
      largest = std::fmax(largest, scores[static_cast<std::size_t>(t)]);
    }
    const float scale = kScale * kLog2E;
    const float shift = largest == -INFINITY ? 0.0f : largest * scale;
    const float factor = std::exp2(maximum * scale - shift);
    std::vector<float> weights(kPageTokens * kPageTokens);  // the swizzled tile, of which this row is one
    float added = 0;
    for (int t = 0; t < kPageTokens; ++t) {
      const float weight = std::exp2(scores[static_cast<std::size_t>(t)] * scale - shift);
      added += weight;
      weights[static_cast<std::size_t>(swizzled_offset(row % 64, t, 64) / 2)] = to_bf16(weight);
    }
    for (float& x : out) x *= factor;
    for (int t = 0; t < kPageTokens; ++t) {
      const float weight = weights[static_cast<std::size_t>(swizzled_offset(row % 64, t, 64) / 2)];
      const bool behind_end = tile * kPageTokens + t >= c.lengths[s];  // cleared by the kernels
      for (int i = 0; i < kValue; ++i)
        out[static_cast<std::size_t>(i)] += weight * (behind_end ? 0.0f : cache[t * kKey + i]);
    }
    maximum = largest;
    sum = sum * factor + added;
  }
  [[nodiscard]] float lse() const { return sum > 0 ? std::log(sum) + maximum * kScale : -INFINITY; }
};

std::size_t line_of(int sequence, int row, const Case& c) {
  return static_cast<std::size_t>(sequence * c.shape.rows() + row);
}

/// One row through one part; whole sequences go to `results`, pieces to `partial`.
void run_part(const Case& c, const DecodePart& part, const SplitSchedule& schedule, int row,
              std::vector<RowResult>& results, std::vector<PieceRow>& partial) {
  PieceRow state;
  for (TileCursor cursor(part, c.lengths.data()); !cursor.done(); cursor.next()) {
    if (cursor.tile == cursor.begin) state = {};
    state.add_tile(c, static_cast<std::size_t>(cursor.sequence), row, cursor.tile);
    if (!cursor.last_of_sequence()) continue;
    for (float& x : state.out) x *= state.sum > 0 ? 1 / state.sum : 0.0f;
    const int slot = slot_of(cursor, schedule.first_slot.data());
    if (slot >= 0) {
      partial[line_of(slot, row, c)] = state;
      continue;
    }
    RowResult& to = results[line_of(cursor.sequence, row, c)];
    for (std::size_t i = 0; i < kValue; ++i) to.out[i] = static_cast<double>(state.out[i]);
    to.lse = static_cast<double>(state.lse());
  }
}

RowResult combine(const Case& c, const SplitSchedule& schedule, int sequence, int row,
                  const std::vector<PieceRow>& partial) {
  RowResult result;
  std::vector<PieceRow> pieces;
  std::vector<float> lse;
  for (int i = 0; i < test::num_pieces(schedule, sequence); ++i) {
    pieces.push_back(partial[line_of(schedule.first_slot[static_cast<std::size_t>(sequence)] + i, row, c)]);
    lse.push_back(pieces.back().lse());
  }
  const CombinedSum sum = combine_sums(lse.data(), static_cast<int>(lse.size()));
  for (std::size_t i = 0; i < pieces.size(); ++i)
    for (std::size_t k = 0; k < kValue; ++k)
      result.out[k] += static_cast<double>(sum.weight(lse[i]) * pieces[i].out[k]);
  result.lse = static_cast<double>(sum.lse());
  return result;
}

std::vector<RowResult> emulate(const Case& c, int num_parts) {
  const int rows = c.shape.rows();
  const SplitSchedule schedule = make_split_schedule(c.lengths, num_parts, rows);
  std::vector<RowResult> results(c.lengths.size() * static_cast<std::size_t>(rows));
  std::vector<PieceRow> partial(static_cast<std::size_t>(schedule.num_slots() * rows));
  for (const DecodePart& part : schedule.parts)
    for (int row = 0; row < rows; ++row) run_part(c, part, schedule, row, results, partial);
  for (const int sequence : schedule.split_sequences)
    for (int row = 0; row < rows; ++row)
      results[line_of(sequence, row, c)] = combine(c, schedule, sequence, row, partial);
  return results;
}

void expect_agree(const Case& c, int num_parts) {
  const auto expected = direct(c);
  const auto found = emulate(c, num_parts);
  ASSERT_EQ(expected.size(), found.size());
  double product = 0, squares = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (std::isinf(expected[i].lse)) {
      EXPECT_EQ(found[i].lse, expected[i].lse) << "row " << i;
    } else {
      EXPECT_NEAR(found[i].lse, expected[i].lse, 1e-4) << "row " << i;
    }
    for (std::size_t k = 0; k < kValue; ++k) {
      ASSERT_TRUE(std::isfinite(found[i].out[k])) << "row " << i;
      product += found[i].out[k] * expected[i].out[k];
      squares += found[i].out[k] * found[i].out[k] + expected[i].out[k] * expected[i].out[k];
    }
  }
  if (squares > 0) {
    EXPECT_LT(1 - 2 * product / squares, 1e-5);
  }
}

TEST(DecodeEmulation, AgreesWithSoftmaxOnRandomShapes) {
  for (std::uint64_t i = 0; i < 60; ++i) {
    SCOPED_TRACE("case " + std::to_string(i));
    RandomStream random(2, stream_of("decode_emulation_test"), i);
    DecodeShape shape;
    shape.batch = 1 + static_cast<int>(random.below(6));
    shape.queries = 1 + static_cast<int>(random.below(4));
    shape.heads = 1 + static_cast<int>(random.below(5));
    std::vector<int> lengths;
    for (int s = 0; s < shape.batch; ++s) lengths.push_back(static_cast<int>(random.below(700)));
    expect_agree(make_case(shape, lengths, random), 1 + static_cast<int>(random.below(24)));
  }
}

TEST(DecodeEmulation, LengthsAtTheEdges) {
  RandomStream random(3, stream_of("decode_emulation_test"));
  for (const int length : {0, 1, 2, 3, 4, 63, 64, 65, 66, 128, 129})
    for (const int queries : {1, 2, 4})
      for (const int num_parts : {1, 3, 8}) {
        SCOPED_TRACE("length " + std::to_string(length) + ", queries " + std::to_string(queries));
        expect_agree(make_case({2, queries, 2}, {length, 200}, random), num_parts);
      }
}

TEST(CombineSums, PiecesThatSawNothingCountNothing) {
  const std::array<float, 3> lse{-INFINITY, 1.0f, -INFINITY};
  const CombinedSum sum = combine_sums(lse.data(), 3);
  EXPECT_EQ(sum.weight(lse[0]), 0);
  EXPECT_EQ(sum.weight(lse[1]), 1);
  EXPECT_EQ(sum.lse(), 1.0f);
  const CombinedSum none = combine_sums(lse.data(), 1);
  EXPECT_EQ(none.weight(lse[0]), 0);
  EXPECT_EQ(none.lse(), -INFINITY);
}

}  // namespace
}  // namespace moesim
