#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/spec_codec.hpp"

namespace moesim {

/// What the best layout is best at.
enum class Objective : std::uint8_t {
  throughput,  ///< tokens a second and GPU
  cost,        ///< dollars a token
  latency,     ///< time of a step, or of an output token
  energy,      ///< joules a token
};

template <>
struct EnumNames<Objective> {
  static constexpr std::array<std::pair<Objective, std::string_view>, 4> table{
      {{Objective::throughput, "throughput"},
       {Objective::cost, "cost"},
       {Objective::latency, "latency"},
       {Objective::energy, "energy"}}};
};

}  // namespace moesim
