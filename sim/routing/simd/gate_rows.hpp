#pragma once

#include <xmmintrin.h>

#include <xsimd/xsimd.hpp>

#include "sim/routing/simd/gate_exp.hpp"
#include "sim/routing/simd/gate_kernel.hpp"

namespace moesim {

// Templates over an instruction level `L`, a type in the unnamed namespace of one source, so that nothing of
// one level is linked into another. L gives
//   Arch                       the architecture of xsimd,
//   bits(Bool)                 one bit a lane,
//   best_two(BestTwo<L>)       the same in four lanes: lane i of the lanes i, i + 4, i + 8, ...,
//   add(double*, Batch)        kWidth doubles += the batch.

template <class L>
using FloatBatch = xsimd::batch<float, typename L::Arch>;
template <class L>
inline constexpr int kWidth = static_cast<int>(FloatBatch<L>::size);
template <class L>
inline constexpr int kParts = kGateLanes / kWidth<L>;

inline constexpr float kMinusInfinity = -__builtin_inff();

/// kGateLanes floats.
template <class L>
struct Row {
  FloatBatch<L> part[kParts<L>];

  static Row filled(float value) {
    Row row;
    for (auto& part : row.part) part = FloatBatch<L>(value);
    return row;
  }
  static Row load(const float* from) {
    Row row;
    for (int p = 0; p < kParts<L>; ++p) row.part[p] = FloatBatch<L>::load_unaligned(from + p * kWidth<L>);
    return row;
  }
  void store(float* to) const {
    for (int p = 0; p < kParts<L>; ++p) part[p].store_aligned(to + p * kWidth<L>);
  }
};

template <class L>
struct Sum {
  template <class T>
  T operator()(const T& a, const T& b) const {
    return a + b;
  }
};
template <class L>
struct Greater {
  float operator()(float a, float b) const { return a > b ? a : b; }
  FloatBatch<L> operator()(const FloatBatch<L>& a, const FloatBatch<L>& b) const { return xsimd::max(a, b); }
};
template <class L>
struct Less {
  float operator()(float a, float b) const { return a < b ? a : b; }
};

template <class L, class F>
void combine(Row<L>& row, const Row<L>& other, F f) {
  for (int p = 0; p < kParts<L>; ++p) row.part[p] = f(row.part[p], other.part[p]);
}

/// `f` over the lanes of a row: lane i and i + 8, then + 4, + 2, + 1.
template <class L, class F>
float fold_lanes(const Row<L>& row, F f) {
  alignas(64) float lanes[kGateLanes];
  row.store(lanes);
  for (int half = kGateLanes / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) lanes[i] = f(lanes[i], lanes[i + half]);
  }
  return lanes[0];
}

/// gate_exp of every lane, by the same operations.
template <class L>
FloatBatch<L> exp_lanes(FloatBatch<L> x) {
  using Batch = FloatBatch<L>;
  using Integers = xsimd::batch<std::int32_t, typename L::Arch>;
  const auto vanishes = x < Batch(-kGateExpLimit);
  x = xsimd::min(x, Batch(kGateExpLimit));
  const Batch shifted = x * Batch(kLog2E) + Batch(kRoundToInteger);
  const Batch k = shifted - Batch(kRoundToInteger);
  const Batch r = (x - k * Batch(kLn2High)) - k * Batch(kLn2Low);
  Batch series = Batch(kExp7) * r + Batch(kExp6);
  series = series * r + Batch(kExp5);
  series = series * r + Batch(kExp4);
  series = series * r + Batch(kExp3);
  series = series * r + Batch(kExp2);
  const Batch mantissa = (series * (r * r) + r) + Batch(1.0F);
  const Integers exponent = xsimd::bitwise_cast<Integers>(shifted) << 23;
  const Batch scaled = xsimd::bitwise_cast<Batch>(xsimd::bitwise_cast<Integers>(mantissa) + exponent);
  return xsimd::select(vanishes, Batch(0.0F), scaled);
}

/// ranks[i] = how many of the `count` values come before value i: the greater ones, and the equal ones with a
/// lower index. Both are padded to full registers; `values` with anything.
template <class L>
void rank_values(const float* values, int count, float* ranks) {
  using Batch = FloatBatch<L>;
  alignas(64) float lane_numbers[kGateLanes];
  for (int i = 0; i < kGateLanes; ++i) lane_numbers[i] = static_cast<float>(i);
  const Batch lanes = Batch::load_aligned(lane_numbers);
  const Batch one(1.0F);
  const Batch zero(0.0F);
  for (int first = 0; first < count; first += kWidth<L>) {
    const Batch own = Batch::load_aligned(values + first);
    const int end = first + kWidth<L> < count ? first + kWidth<L> : count;
    Batch rank = zero;
    for (int j = 0; j < first; ++j) rank = rank + xsimd::select(Batch(values[j]) >= own, one, zero);
    for (int j = first; j < end; ++j) {
      const Batch other(values[j]);
      const auto lower_index = lanes > Batch(static_cast<float>(j - first));
      rank = rank + xsimd::select((other > own) | ((other == own) & lower_index), one, zero);
    }
    for (int j = end; j < count; ++j) rank = rank + xsimd::select(Batch(values[j]) > own, one, zero);
    rank.store_aligned(ranks + first);
  }
}

/// The greatest and the second greatest of each lane.
template <class L>
struct BestTwo {
  FloatBatch<L> best;
  FloatBatch<L> second;
};

/// The same in four lanes, which every level has.
struct BestTwoInFour {
  __m128 best;
  __m128 second;
};

}  // namespace moesim
