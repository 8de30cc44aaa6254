#include "calib/measure/measuring_order.hpp"

#include <numeric>
#include <utility>

#include "base/random.hpp"

namespace moesim {

std::vector<OrderedStep> measuring_order(std::size_t num_cases, std::uint64_t seed) {
  std::vector<std::size_t> places(num_cases);
  std::iota(places.begin(), places.end(), std::size_t{0});
  RandomStream random(seed, stream_of("measuring_order"));
  for (std::size_t left = num_cases; left > 1; --left)  // Fisher and Yates
    std::swap(places[left - 1], places[random.below(left)]);
  std::vector<OrderedStep> order;
  for (std::size_t i = 0; i < num_cases; ++i) {
    if (i % kAnchorEvery == 0) order.push_back({});
    order.push_back({places[i]});
  }
  order.push_back({});
  return order;
}

}  // namespace moesim
