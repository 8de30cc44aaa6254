#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace moesim {

/// A part of a waterfall, in seconds. Times that are nothing beside the total are 0.
struct WaterfallStep {
  std::string name;
  double seconds = 0;
  double low_s = 0;
  double high_s = 0;
  std::string source{};
  std::string note{};

  [[nodiscard]] bool has_interval() const { return low_s != high_s; }
  /// "SOURCE; NOTE" without what is empty.
  [[nodiscard]] std::string source_text() const;
};

/// Parts in the order in which they add up, and their total.
struct Waterfall {
  std::string pool;  ///< of the fleet; empty for a result with one waterfall
  std::vector<WaterfallStep> steps;
  WaterfallStep total;

  /// The largest sum on the way, where a picture of it ends.
  [[nodiscard]] double highest_sum() const;
};

/// result["waterfall"]: [{name, seconds, low_s, high_s, source, note}] or an object with one of each pool. A
/// last part that is the sum of the others is the total; without one the total is called "sum". Empty where
/// the document has none.
std::vector<Waterfall> waterfalls_of(const Json& result);

}  // namespace moesim
