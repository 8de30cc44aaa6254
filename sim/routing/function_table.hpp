#pragma once

#include <cstddef>
#include <vector>

namespace moesim {

/// A function between `first` and `last` by straight lines between evenly spaced points; constant outside.
class FunctionTable {
 public:
  template <class Function>
  FunctionTable(double first, double last, std::size_t num_intervals, Function function)
      : first_(static_cast<float>(first)),
        per_unit_(static_cast<float>(static_cast<double>(num_intervals) / (last - first))),
        end_(static_cast<float>(num_intervals)) {
    for (std::size_t i = 0; i <= num_intervals; ++i) {
      const double x = first + (last - first) * static_cast<double>(i) / static_cast<double>(num_intervals);
      values_.push_back(static_cast<float>(function(x)));
    }
    values_.push_back(values_.back());
  }

  float operator()(float x) const {
    float place = (x - first_) * per_unit_;
    place = place > 0 ? (place < end_ ? place : end_) : 0;
    const auto below = static_cast<std::size_t>(place);
    const float low = values_[below];
    return low + (values_[below + 1] - low) * (place - static_cast<float>(below));
  }

 private:
  float first_;
  float per_unit_;
  float end_;
  std::vector<float> values_;
};

}  // namespace moesim
