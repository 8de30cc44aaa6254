#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "sim/results/record_sink.hpp"

namespace moesim {

/// Curves over steps, given to a sink in parts so that memory does not grow with the number of steps.
class StepSeries {
 public:
  /// Points of a curve that are held before they go to the sink.
  static constexpr std::size_t kPartPoints = 512;

  /// `sink` must outlive it.
  explicit StepSeries(RecordSink& sink) : sink_(sink) {}
  void add(const std::string& name, const char* unit, std::int64_t step, double value);
  /// Gives the sink what is held.
  void flush();

 private:
  RecordSink& sink_;
  std::map<std::string, Series> parts_;
};

}  // namespace moesim
