#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/spec.hpp"

namespace moesim {

/// What a simulated router keeps even.
enum class Balancing : std::uint8_t {
  settled,  ///< a bias per expert, or a logit where the gate has none, such that the mean load over all
            ///< documents is even: loss-free balancing once it has settled
  none,     ///< popularity as it is
};

template <>
struct EnumNames<Balancing> {
  static constexpr std::array<std::pair<Balancing, std::string_view>, 2> table{
      {{Balancing::settled, "settled"}, {Balancing::none, "none"}}};
};

}  // namespace moesim
