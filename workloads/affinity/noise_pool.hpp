#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>

namespace moesim {

/// Two sides A and B of pre-drawn rows of standard normal noise, [num_rows, num_experts] each. The noise of a
/// token is (A[i] + B[j]) / sqrt(2), turned by r experts, with i, j and r drawn for it: num_rows^2
/// num_experts different rows for the price of two additions. Every column holds the num_rows midpoint
/// quantiles of the standard normal, scaled to variance 1 (their mean is 0), in a random order of its own;
/// together with the turns no expert is preferred by the draw of the pool. Immutable and shared by the layers
/// of a model.
class NoisePool {
 public:
  static constexpr int kRows = 256;

  /// `num_rows` is a power of two in [2, 65536]. Throws std::invalid_argument.
  NoisePool(int num_experts, std::uint64_t seed, int num_rows = kRows);

  [[nodiscard]] int num_experts() const { return num_experts_; }
  [[nodiscard]] int num_rows() const { return num_rows_; }
  /// [num_experts], 64-byte aligned.
  [[nodiscard]] const float* a(std::size_t row) const { return rows_.get() + row * stride_; }
  [[nodiscard]] const float* b(std::size_t row) const {
    return rows_.get() + (static_cast<std::size_t>(num_rows_) + row) * stride_;
  }

 private:
  struct Free {
    void operator()(float* rows) const { ::operator delete[](rows, std::align_val_t{64}); }
  };
  void fill_side(float* side, std::span<const float> quantiles, std::uint64_t seed, std::uint64_t stream);

  int num_experts_;
  int num_rows_;
  std::size_t stride_;  // floats from row to row
  std::unique_ptr<float[], Free> rows_;
};

}  // namespace moesim
