#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <new>
#include <vector>

namespace moesim {

/// What a table of kernel times holds.
struct KernelCost {
  double seconds = 0;
  double sm_busy = 0;
  double hbm_bytes = 0;

  KernelCost& operator+=(const KernelCost& other) {
    seconds += other.seconds;
    sm_busy += other.sm_busy;
    hbm_bytes += other.hbm_bytes;
    return *this;
  }
};
inline KernelCost operator+(KernelCost a, const KernelCost& b) {
  return a += b;
}
inline KernelCost operator*(KernelCost a, double factor) {
  return {a.seconds * factor, a.sm_busy * factor, a.hbm_bytes * factor};
}

/// Places from 1 to 2^octaves: `steps` to an octave (a power of two), evenly between two powers of two.
/// Values are moved by `offset` first, so that an axis may start at 0.
struct GeometricAxis {
  int octaves = 1;
  int steps = 4;
  double offset = 0;

  struct Place {
    std::size_t index = 0;  ///< of the node below
    double weight = 0;      ///< of the node above; over 1 behind the end
  };
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(octaves * steps) + 1; }
  [[nodiscard]] double node(std::size_t index) const {
    const auto per_octave = static_cast<std::size_t>(steps);
    const double within = 1 + static_cast<double>(index % per_octave) / steps;
    return std::ldexp(within, static_cast<int>(index / per_octave)) - offset;
  }
  [[nodiscard]] Place find(double value) const {
    const double x = value + offset;
    if (!(x > 1)) return {};
    const auto bits = std::bit_cast<std::uint64_t>(x);
    const int octave = static_cast<int>(bits >> 52U) - 1023;
    constexpr std::uint64_t kMantissa = (std::uint64_t{1} << 52U) - 1;
    const double mantissa = std::bit_cast<double>((bits & kMantissa) | (std::uint64_t{1023} << 52U));
    if (octave >= octaves) {
      const auto last = size() - 2;
      return {last, (value - node(last)) / (node(last + 1) - node(last))};
    }
    const double within = (mantissa - 1) * steps;
    const auto step = static_cast<std::size_t>(within);
    return {static_cast<std::size_t>(octave * steps) + step, within - static_cast<double>(step)};
  }
};

/// Places for numbers of tokens, with nodes on both sides of every step that GEMM times may have there: each
/// whole number to 256; of every tile of 64 the first, and each 16th to 2048 or the last to 8192; then 16 to
/// an octave.
class TokenAxis {
 public:
  using Place = GeometricAxis::Place;

  [[nodiscard]] std::size_t size() const { return fine().nodes.size() + kCoarse.size() - 1; }
  [[nodiscard]] double node(std::size_t index) const {
    const auto& nodes = fine().nodes;
    return index < nodes.size() ? nodes[index] : kFine * kCoarse.node(index - nodes.size() + 1);
  }
  [[nodiscard]] Place find(double tokens) const {
    if (!(tokens > 1)) return {};
    const Fine& table = fine();
    if (tokens >= kFine) {
      const Place place = kCoarse.find(tokens / kFine);
      return {table.nodes.size() - 1 + place.index, place.weight};
    }
    const std::size_t below = table.below[static_cast<std::size_t>(tokens)];
    const double low = table.nodes[below];
    return {below, (tokens - low) / (table.nodes[below + 1] - low)};
  }

 private:
  static constexpr double kFine = 8192;
  static constexpr GeometricAxis kCoarse{8, 16};
  struct Fine {
    std::vector<double> nodes;         ///< to kFine
    std::vector<std::uint16_t> below;  ///< by whole tokens: the last node that is not more
  };
  static const Fine& fine();
};

/// Costs on the nodes of `N` axes in single precision, each made when it is first asked for; linear between
/// nodes. Memory that no one asked for is never touched. Thread-safe: two threads that make one node make the
/// same.
template <std::size_t N, class Axis = GeometricAxis>
class LazyGrid {
 public:
  explicit LazyGrid(const std::array<Axis, N>& axes) : axes_(axes) {
    std::size_t size = 1;
    for (std::size_t i = N; i-- > 0;) {
      strides_[i] = size;
      size *= axes_[i].size();
    }
    cells_.reset(static_cast<float*>(std::calloc(size, kCell * sizeof(float))));
    if (!cells_) throw std::bad_alloc();
  }

  /// `make(values)` gives the cost at a node.
  template <class Make>
  [[nodiscard]] KernelCost at(const std::array<double, N>& values, const Make& make) const {
    constexpr std::size_t kCorners = std::size_t{1} << N;
    std::array<double, kCorners> weights{1};
    std::array<std::size_t, kCorners> cells{};
    for (std::size_t i = 0; i < N; ++i) {
      const auto place = axes_[i].find(values[i]);
      const std::size_t corners = std::size_t{1} << i;
      for (std::size_t corner = 0; corner < corners; ++corner) {
        const std::size_t below = cells[corner] + place.index * strides_[i];
        cells[corner] = below;
        cells[corner + corners] = below + strides_[i];
        weights[corner + corners] = weights[corner] * place.weight;
        weights[corner] *= 1 - place.weight;
      }
    }
    KernelCost out;
    for (std::size_t corner = 0; corner < kCorners; ++corner) {
      if (weights[corner] != 0) out += cell(cells[corner], make) * weights[corner];
    }
    return out;
  }

 private:
  static constexpr std::size_t kCell = 3;  // seconds, sm_busy, hbm_bytes; no seconds: not made yet
  struct Free {
    void operator()(float* cells) const { std::free(cells); }
  };
  using Shared = std::atomic_ref<float>;

  template <class Make>
  KernelCost cell(std::size_t index, const Make& make) const {
    float* at = cells_.get() + index * kCell;
    float seconds = Shared(at[0]).load(std::memory_order_acquire);
    if (seconds == 0) {
      fill(index, make);
      seconds = Shared(at[0]).load(std::memory_order_acquire);
    }
    return {seconds, Shared(at[1]).load(std::memory_order_relaxed),
            Shared(at[2]).load(std::memory_order_relaxed)};
  }

  template <class Make>
  [[gnu::noinline]] void fill(std::size_t index, const Make& make) const {
    std::array<double, N> values{};
    for (std::size_t i = 0; i < N; ++i) values[i] = axes_[i].node(index / strides_[i] % axes_[i].size());
    const KernelCost made = make(values);
    float* at = cells_.get() + index * kCell;
    Shared(at[1]).store(static_cast<float>(made.sm_busy), std::memory_order_relaxed);
    Shared(at[2]).store(static_cast<float>(made.hbm_bytes), std::memory_order_relaxed);
    const float seconds = std::max(static_cast<float>(made.seconds), std::numeric_limits<float>::min());
    Shared(at[0]).store(seconds, std::memory_order_release);
  }

  std::array<Axis, N> axes_;
  std::array<std::size_t, N> strides_{};
  std::unique_ptr<float, Free> cells_;
};

}  // namespace moesim
