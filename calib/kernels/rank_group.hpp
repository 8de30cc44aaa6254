#pragma once

namespace moesim {

/// The processes that measure together, one a GPU. Every rank calls each function in the same order.
class RankGroup {
 public:
  RankGroup() = default;
  virtual ~RankGroup() = default;
  RankGroup(const RankGroup&) = delete;
  RankGroup& operator=(const RankGroup&) = delete;

  [[nodiscard]] virtual int rank() const = 0;
  [[nodiscard]] virtual int size() const = 0;
  /// Returns once every rank has called it.
  virtual void barrier() = 0;
  /// The largest of the values that the ranks give, on every rank: the time of a sample is that of the
  /// slowest rank, and every rank then stops after the same sample.
  virtual double largest(double value) = 0;
};

}  // namespace moesim
