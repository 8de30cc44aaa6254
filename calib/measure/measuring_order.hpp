#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace moesim {

/// A case of the suite by its place, or the anchor, which shows whether the machine drifts.
struct OrderedStep {
  static constexpr std::size_t kAnchor = static_cast<std::size_t>(-1);
  std::size_t place = kAnchor;
  [[nodiscard]] bool is_anchor() const { return place == kAnchor; }
};

inline constexpr std::size_t kAnchorEvery = 20;

/// The places 0 to num_cases - 1 in an order that depends on the seed alone, the anchor first, after every
/// `kAnchorEvery` cases and last.
std::vector<OrderedStep> measuring_order(std::size_t num_cases, std::uint64_t seed);

}  // namespace moesim
