#pragma once

#include <cstdint>
#include <optional>

#include "base/random.hpp"
#include "workloads/requests/workload_spec.hpp"

namespace moesim {

/// Times of arrival of a process, one after the other.
class ArrivalTimes {
 public:
  /// `start_s`: time of day of time 0. The first time is the first one at or behind `from_s`; it is that of
  /// the whole process.
  ArrivalTimes(ArrivalSpec spec, double start_s, std::uint64_t seed, double from_s);

  double next();
  /// Which arrival of the whole process the last next() was, in a numbering that does not depend on `from_s`:
  /// what is drawn for a request is keyed by it.
  [[nodiscard]] std::uint64_t place() const;
  /// Requests before `from_s`: exact for from_s = 0 and even or gamma gaps, else as many as are expected.
  [[nodiscard]] std::int64_t before() const { return before_; }

 private:
  [[nodiscard]] double rate(double time_s) const;
  [[nodiscard]] double expected_before(double time_s) const;
  double draw();
  double next_of_block();
  double next_gap();

  ArrivalSpec spec_;
  double start_s_;
  std::uint64_t seed_;
  double scale_ = 1;     ///< of `day`, to mean 1
  double greatest_ = 0;  ///< rate
  double block_s_ = 1;
  std::int64_t block_ = 0;
  std::int64_t in_block_ = 0;  ///< arrivals of the block so far
  RandomStream random_;
  double time_s_ = 0;
  std::int64_t before_ = 0;
  std::int64_t count_ = 0;
  std::optional<double> first_;  ///< drawn already
};

}  // namespace moesim
