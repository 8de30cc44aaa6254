#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>

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

/// Costs on the nodes of `N` axes, each made when it is first asked for; linear between nodes. Thread-safe:
/// two threads that make one node make the same.
template <std::size_t N>
class LazyGrid {
 public:
  explicit LazyGrid(const std::array<GeometricAxis, N>& axes) : axes_(axes) {
    std::size_t size = 1;
    for (const GeometricAxis& axis : axes_) size *= axis.size();
    cells_ = std::make_unique<Cell[]>(size);
  }

  /// `make(values)` gives the cost at a node.
  template <class Make>
  [[nodiscard]] KernelCost at(const std::array<double, N>& values, const Make& make) const {
    std::array<GeometricAxis::Place, N> places;
    for (std::size_t i = 0; i < N; ++i) places[i] = axes_[i].find(values[i]);
    KernelCost out;
    for (std::size_t corner = 0; corner < (std::size_t{1} << N); ++corner) {
      double weight = 1;
      std::array<std::size_t, N> node{};
      for (std::size_t i = 0; i < N; ++i) {
        const bool above = ((corner >> i) & 1U) != 0;
        weight *= above ? places[i].weight : 1 - places[i].weight;
        node[i] = places[i].index + (above ? 1 : 0);
      }
      if (weight != 0) out += cell(node, make) * weight;
    }
    return out;
  }

 private:
  struct Cell {
    std::atomic<double> seconds{std::numeric_limits<double>::quiet_NaN()};
    std::atomic<double> sm_busy{0}, hbm_bytes{0};
  };

  template <class Make>
  KernelCost cell(const std::array<std::size_t, N>& node, const Make& make) const {
    std::size_t index = 0;
    for (std::size_t i = 0; i < N; ++i) index = index * axes_[i].size() + node[i];
    Cell& cell = cells_[index];
    const double seconds = cell.seconds.load(std::memory_order_acquire);
    if (!std::isnan(seconds)) {
      return {seconds, cell.sm_busy.load(std::memory_order_relaxed),
              cell.hbm_bytes.load(std::memory_order_relaxed)};
    }
    std::array<double, N> values{};
    for (std::size_t i = 0; i < N; ++i) values[i] = axes_[i].node(node[i]);
    const KernelCost made = make(values);
    cell.sm_busy.store(made.sm_busy, std::memory_order_relaxed);
    cell.hbm_bytes.store(made.hbm_bytes, std::memory_order_relaxed);
    cell.seconds.store(made.seconds, std::memory_order_release);
    return made;
  }

  std::array<GeometricAxis, N> axes_;
  std::unique_ptr<Cell[]> cells_;
};

}  // namespace moesim
