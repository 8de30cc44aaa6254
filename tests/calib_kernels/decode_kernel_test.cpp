// The decode kernels as they are, on emulated threads, against a softmax in FP64.

#define MOESIM_EMULATED_INSTRUCTIONS "tests/calib_kernels/fibers/hopper_instructions.hpp"
#include "calib/kernels/mla_decode/decode_mma_kernel.cuh"
#include "calib/kernels/mla_decode/decode_wgmma_kernel.cuh"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "calib/kernels/mla_decode/combine_weights.hpp"
#include "tests/calib_kernels/num_pieces.hpp"

namespace moesim {
namespace {

struct Sequences {
  DecodeShape shape;
  std::vector<int> lengths;
  std::vector<int> block_table;
  int stride = 1;
  std::vector<__nv_bfloat16> query, cache;  // NaN behind the ends of sequences
  SplitSchedule schedule;
  std::vector<__nv_bfloat16> out;
  std::vector<float> lse, partial_out, partial_lse;
  DecodeParams params;
};

void fill_inputs(Sequences& s, RandomStream& random) {
  int pages = 0;
  for (const int length : s.lengths) s.stride = std::max(s.stride, num_tiles(length));
  s.block_table.assign(s.lengths.size() * static_cast<std::size_t>(s.stride), 0);
  for (std::size_t i = 0; i < s.lengths.size(); ++i)
    for (int tile = 0; tile < num_tiles(s.lengths[i]); ++tile)
      s.block_table[i * static_cast<std::size_t>(s.stride) + static_cast<std::size_t>(tile)] = pages++;
  // Pages from the last to the first, so that neighbours of a sequence are none in memory.
  for (int& page : s.block_table) page = pages - 1 - page;
  s.query.resize(s.lengths.size() * static_cast<std::size_t>(s.shape.rows() * kDecodeKeyDim));
  for (auto& x : s.query) x = __float2bfloat16(static_cast<float>(random.normal()));
  s.cache.assign(static_cast<std::size_t>(pages * kPageTokens * kDecodeKeyDim), __float2bfloat16(NAN));
  for (std::size_t i = 0; i < s.lengths.size(); ++i) {
    for (int token = 0; token < s.lengths[i]; ++token) {
      const int page = s.block_table[i * static_cast<std::size_t>(s.stride) +
                                     static_cast<std::size_t>(token / kPageTokens)];
      for (int k = 0; k < kDecodeKeyDim; ++k)
        s.cache[static_cast<std::size_t>((page * kPageTokens + token % kPageTokens) * kDecodeKeyDim + k)] =
            __float2bfloat16(static_cast<float>(random.normal()));
    }
  }
}

Sequences make_sequences(DecodeShape shape, std::vector<int> lengths, int num_parts, std::uint64_t seed) {
  Sequences s;
  shape.batch = static_cast<int>(lengths.size());
  s.shape = shape;
  s.lengths = std::move(lengths);
  RandomStream random(seed, stream_of("decode_kernel_test"));
  fill_inputs(s, random);
  s.schedule = make_split_schedule(s.lengths, num_parts, shape.rows());
  const std::size_t lines = s.lengths.size() * static_cast<std::size_t>(shape.rows());
  const std::size_t partial = static_cast<std::size_t>(s.schedule.num_slots() * shape.rows());
  s.out.assign(lines * kDecodeValueDim, __float2bfloat16(NAN));
  s.lse.assign(lines, NAN);
  s.partial_out.assign(partial * kDecodeValueDim, NAN);
  s.partial_lse.assign(partial, NAN);
  return s;
}

DecodeParams params_of(Sequences& s) {
  DecodeParams params;
  params.shape = s.shape;
  params.query = s.query.data();
  params.cache = s.cache.data();
  params.block_table = s.block_table.data();
  params.table_stride = s.stride;
  params.lengths = s.lengths.data();
  params.parts = s.schedule.parts.data();
  params.first_slot = s.schedule.first_slot.data();
  params.scale = 1 / std::sqrt(192.0f);
  params.out = s.out.data();
  params.lse = s.lse.data();
  params.partial_out = s.partial_out.data();
  params.partial_lse = s.partial_lse.data();
  return params;
}

/// Runs the kernel for every part and tile of rows.
template <class Kernel>
void run(const Sequences& s, int num_threads, int shared_bytes, Kernel kernel) {
  fibers::block_threads = num_threads;
  std::uint64_t seed = 1;  // of the order in which warps run
  const auto row_tiles = static_cast<unsigned>(s.shape.row_tiles());
  const auto num_parts = static_cast<unsigned>(s.schedule.parts.size());
  for (unsigned part = 0; part < num_parts; ++part) {
    for (unsigned tile = 0; tile < row_tiles; ++tile) {
      // From an address that is no multiple of 1024, as a driver may give.
      fibers::Block block(num_threads, shared_bytes, 16, seed++);
      fibers::phased_barriers.clear();
      fibers::started_products.clear();
      block.run({tile, part, 0}, {row_tiles, num_parts, 1}, kernel);
    }
  }
}

/// The row of FP64 output of which `lse` is the log of the sum.
std::vector<double> expected_row(const Sequences& s, std::size_t sequence, int row, double& lse) {
  const int visible = s.lengths[sequence] - (s.shape.queries - 1 - row / s.shape.heads);
  std::vector<double> out(kDecodeValueDim, 0.0);
  double sum = 0;
  const __nv_bfloat16* query =
      s.query.data() +
      (sequence * static_cast<std::size_t>(s.shape.rows()) + static_cast<std::size_t>(row)) * kDecodeKeyDim;
  for (int token = 0; token < visible; ++token) {
    const int page = s.block_table[sequence * static_cast<std::size_t>(s.stride) +
                                   static_cast<std::size_t>(token / kPageTokens)];
    const __nv_bfloat16* key = s.cache.data() + (page * kPageTokens + token % kPageTokens) * kDecodeKeyDim;
    double score = 0;
    for (int k = 0; k < kDecodeKeyDim; ++k)
      score +=
          static_cast<double>(__bfloat162float(query[k])) * static_cast<double>(__bfloat162float(key[k]));
    const double weight = std::exp(score / std::sqrt(192.0));
    sum += weight;
    for (std::size_t k = 0; k < kDecodeValueDim; ++k)
      out[k] += weight * static_cast<double>(__bfloat162float(key[k]));
  }
  if (visible > 0)
    for (double& x : out) x /= sum;
  lse = visible > 0 ? std::log(sum) : -INFINITY;
  return out;
}

/// The row that the kernel wrote, combined from its pieces where there are several.
std::vector<double> found_row(const Sequences& s, std::size_t sequence, int row, double& lse) {
  const auto rows = static_cast<std::size_t>(s.shape.rows());
  const auto r = static_cast<std::size_t>(row);
  std::vector<double> out(kDecodeValueDim, 0.0);
  const int pieces = test::num_pieces(s.schedule, static_cast<int>(sequence));
  if (pieces == 1) {
    lse = static_cast<double>(s.lse[sequence * rows + r]);
    for (std::size_t k = 0; k < kDecodeValueDim; ++k)
      out[k] = static_cast<double>(__bfloat162float(s.out[(sequence * rows + r) * kDecodeValueDim + k]));
    return out;
  }
  const auto first = static_cast<std::size_t>(s.schedule.first_slot[sequence]);
  std::vector<float> sums;
  for (int i = 0; i < pieces; ++i)
    sums.push_back(s.partial_lse[(first + static_cast<std::size_t>(i)) * rows + r]);
  const CombinedSum sum = combine_sums(sums.data(), pieces);
  for (std::size_t i = 0; i < sums.size(); ++i)
    for (std::size_t k = 0; k < kDecodeValueDim; ++k)
      out[k] += static_cast<double>(sum.weight(sums[i]) *
                                    s.partial_out[((first + i) * rows + r) * kDecodeValueDim + k]);
  lse = static_cast<double>(sum.lse());
  return out;
}

void expect_agree(const Sequences& s) {
  double product = 0, squares = 0;
  for (std::size_t sequence = 0; sequence < s.lengths.size(); ++sequence) {
    for (int row = 0; row < s.shape.rows(); ++row) {
      double expected_lse = 0, found_lse = 0;
      const auto expected = expected_row(s, sequence, row, expected_lse);
      const auto found = found_row(s, sequence, row, found_lse);
      if (std::isinf(expected_lse)) {
        ASSERT_EQ(found_lse, expected_lse);
      } else {
        ASSERT_NEAR(found_lse, expected_lse, 1e-4) << "sequence " << sequence << " row " << row;
      }
      for (std::size_t k = 0; k < kDecodeValueDim; ++k) {
        ASSERT_TRUE(std::isfinite(found[k])) << "sequence " << sequence << " row " << row << " column " << k;
        ASSERT_NEAR(found[k], expected[k], 0.05)
            << "sequence " << sequence << " row " << row << " column " << k;
        product += found[k] * expected[k];
        squares += found[k] * found[k] + expected[k] * expected[k];
      }
    }
  }
  if (squares > 0) {
    EXPECT_LT(1 - 2 * product / squares, 1e-5);
  }
}

/// Shapes that meet every edge: rows that fill a tile and not, several tiles of rows, query tokens, sequences
/// that are empty, shorter than a tile, ragged and longer than both buffers, parts that cut them.
struct Shape {
  DecodeShape shape;
  std::vector<int> lengths;
  int num_parts;
};
std::vector<Shape> edge_shapes() {
  return {{{1, 1, 16}, {1}, 4},
          {{1, 1, 64}, {200}, 1},
          {{1, 2, 24}, {0, 65, 3}, 1},
          {{1, 4, 24}, {130, 2, 310}, 2},
          {{1, 1, 16}, {64, 320, 70, 0}, 3}};
}

class DecodeKernel : public testing::TestWithParam<std::size_t> {};

TEST_P(DecodeKernel, WgmmaAgrees) {
  const Shape shape = edge_shapes()[GetParam()];
  for (const bool late : {false, true}) {
    SCOPED_TRACE(late ? "products read late" : "products read at once");
    fibers::products_read_late = late;
    Sequences s = make_sequences(shape.shape, shape.lengths, shape.num_parts, GetParam());
    const DecodeParams params = params_of(s);
    DecodeTensorMaps maps;
    maps.query = fibers::make_map({s.query.data(), kDecodeKeyDim, s.shape.rows(), s.shape.batch});
    maps.cache = fibers::make_map(
        {s.cache.data(), kDecodeKeyDim, static_cast<std::int64_t>(s.cache.size()) / kDecodeKeyDim, 1});
    run(s, decode_wgmma::kThreads, decode_wgmma::kSharedBytes,
        [&] { decode_wgmma::decode_wgmma_kernel(params, maps); });
    expect_agree(s);
  }
}

TEST_P(DecodeKernel, MmaAgrees) {
  const Shape shape = edge_shapes()[GetParam()];
  Sequences s = make_sequences(shape.shape, shape.lengths, shape.num_parts, GetParam());
  const DecodeParams params = params_of(s);
  run(s, decode_mma::kThreads, decode_mma::kSharedBytes, [&] { decode_mma::decode_mma_kernel(params); });
  expect_agree(s);
}

INSTANTIATE_TEST_SUITE_P(Edges, DecodeKernel, testing::Range<std::size_t>(0, edge_shapes().size()));

}  // namespace
}  // namespace moesim
