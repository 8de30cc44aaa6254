#pragma once

#include <emmintrin.h>

#include "sim/routing/simd/gate_rows.hpp"

namespace moesim {

/// The best two of two sets of lanes, lane by lane.
template <class L>
BestTwoInFour merge(const BestTwoInFour& a, const BestTwoInFour& b) {
  const __m128 less = _mm_min_ps(a.best, b.best);
  return {_mm_max_ps(a.best, b.best), _mm_max_ps(less, _mm_max_ps(a.second, b.second))};
}

/// The best two of one group, in four lanes: each lane's of the group's floats at `from`, `floats` of them.
template <class L>
BestTwoInFour best_two_of_group(const float* from, int floats) {
  using Batch = FloatBatch<L>;
  BestTwo<L> two{Batch(kMinusInfinity), Batch(kMinusInfinity)};
  for (int i = 0; i < floats; i += kWidth<L>) {
    const Batch x = Batch::load_aligned(from + i);
    two.second = xsimd::max(two.second, xsimd::min(two.best, x));
    two.best = xsimd::max(two.best, x);
  }
  return L::best_two(two);
}

/// scores[g] of `num_groups` groups, `stride` floats of `biased` each; padded to whole rows with -inf.
template <class L>
void score_groups(const float* biased, int num_groups, int stride, bool sum_of_two, float* scores) {
  for (int first = 0; first < num_groups; first += 4) {
    BestTwoInFour two[4];
    for (int g = 0; g < 4; ++g) {
      const int group = first + g < num_groups ? first + g : num_groups - 1;
      two[g] = best_two_of_group<L>(biased + group * stride, stride);
    }
    _MM_TRANSPOSE4_PS(two[0].best, two[1].best, two[2].best, two[3].best);
    _MM_TRANSPOSE4_PS(two[0].second, two[1].second, two[2].second, two[3].second);
    const BestTwoInFour all = merge<L>(merge<L>(two[0], two[1]), merge<L>(two[2], two[3]));
    _mm_store_ps(scores + first, sum_of_two ? _mm_add_ps(all.best, all.second) : all.best);
  }
}

/// The k-th greatest of the lanes' greatest values over `rows`: at least k values are as great, so that none
/// below it is among the best k. -inf where there are more choices than lanes.
template <class L>
float lower_bound_of_best(const float* values, const int* rows, int num_rows, int k, float* scratch) {
  using Batch = FloatBatch<L>;
  if (k > kGateLanes) return kMinusInfinity;
  Row<L> greatest = Row<L>::load(values + rows[0]);
  for (int r = 1; r < num_rows; ++r) combine<L>(greatest, Row<L>::load(values + rows[r]), Greater<L>());
  greatest.store(scratch);
  Row<L> before = Row<L>::filled(0.0F);
  for (int lane = 0; lane < kGateLanes; ++lane) {
    const Batch other(scratch[lane]);
    for (int p = 0; p < kParts<L>; ++p) {
      before.part[p] = before.part[p] + xsimd::select(other > greatest.part[p], Batch(1.0F), Batch(0.0F));
    }
  }
  const Batch wanted(static_cast<float>(k));
  for (int p = 0; p < kParts<L>; ++p) {
    greatest.part[p] = xsimd::select(before.part[p] < wanted, greatest.part[p], Batch(-kMinusInfinity));
  }
  return fold_lanes<L>(greatest, Less<L>());
}

/// The positions in `values` of what is at least `bound`, ascending; returns their number.
template <class L>
int find_candidates(const float* values, const int* rows, int num_rows, float bound, int* positions) {
  using Batch = FloatBatch<L>;
  constexpr int kRowsPerWord = 64 / kGateLanes;
  int count = 0;
  for (int first = 0; first < num_rows; first += kRowsPerWord) {
    const int end = first + kRowsPerWord < num_rows ? first + kRowsPerWord : num_rows;
    std::uint64_t found = 0;
    for (int r = first; r < end; ++r) {
      for (int p = 0; p < kParts<L>; ++p) {
        const std::uint64_t bits =
            L::bits(Batch::load_aligned(values + rows[r] + p * kWidth<L>) >= Batch(bound));
        found |= bits << ((r - first) * kGateLanes + p * kWidth<L>);
      }
    }
    for (; found != 0; found &= found - 1) {
      const int bit = __builtin_ctzll(found);
      positions[count++] = rows[first + bit / kGateLanes] + bit % kGateLanes;
    }
  }
  return count;
}

/// `best` [k]: the k greatest of `values` at `positions` (ascending), ties by position; one by one.
template <class L>
void insert_best(const float* values, const int* positions, int count, int k, int* best) {
  int filled = 0;
  for (int c = 0; c < count; ++c) {
    const float value = values[positions[c]];
    if (filled == k && !(value > values[best[k - 1]])) continue;
    int at = filled < k ? filled++ : k - 1;
    for (; at > 0 && value > values[best[at - 1]]; --at) best[at] = best[at - 1];
    best[at] = positions[c];
  }
}

/// The same; `floats` has room for two rounds of kMaxRanked, `best` for kMaxRanked.
template <class L>
void choose_best(const float* values, const int* positions, int count, int k, float* floats, int* best) {
  if (count > kMaxRanked) return insert_best<L>(values, positions, count, k, best);
  float* ranks = floats + kMaxRanked;
  for (int c = 0; c < count; ++c) floats[c] = values[positions[c]];
  rank_values<L>(floats, count, ranks);
  for (int c = 0; c < count; ++c) best[static_cast<int>(ranks[c])] = positions[c];
}

}  // namespace moesim
