#pragma once

#include <cuda_runtime_api.h>

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
  /// Returns once every rank has called it. Like largest() and worst(), throws RunError where the ranks
  /// call different functions, or where one does not come within a few minutes: the run then ends on this
  /// rank, and every later call throws at once.
  virtual void barrier() = 0;
  /// The largest of the values that the ranks give, on every rank: the time of a sample is that of the
  /// slowest rank, and every rank then stops after the same sample.
  virtual double largest(double value) = 0;
  /// The same for how a part of a case went; told apart from largest(), so that a rank that failed halfway
  /// is noticed by those that went on.
  virtual double worst(double value) = 0;
  /// What follows in `stream` begins on every rank once all ranks have come so far, within a few
  /// microseconds of each other. Asynchronous.
  virtual void align(cudaStream_t stream) = 0;
};

}  // namespace moesim
