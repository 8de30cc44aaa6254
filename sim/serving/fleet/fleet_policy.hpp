#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/quantity.hpp"
#include "base/spec.hpp"

namespace moesim {

/// Which unit of its pools takes a request.
enum class ArrivalRouting : std::uint8_t {
  round_robin,
  /// Prompts: least time of prompts waiting, then of decoding sequences, then fewest prompts so far. Decode:
  /// fewest sequences, in time where units are unlike. Then the lowest index.
  least_loaded,
  kv_aware,  ///< the longest cached prefix less what waits, as time to compute
};
template <>
struct EnumNames<ArrivalRouting> {
  static constexpr std::array<std::pair<ArrivalRouting, std::string_view>, 3> table{
      {{ArrivalRouting::round_robin, "round_robin"},
       {ArrivalRouting::least_loaded, "least_loaded"},
       {ArrivalRouting::kv_aware, "kv_aware"}}};
};

/// A node that stops: its unit loses its requests, which are sent again, and comes back after `repair`.
struct NodeFailure {
  Seconds at{};
  std::string pool;
  int unit = 0;
  Seconds repair{600.0};
};
const Spec<NodeFailure>& spec_of(const NodeFailure*);

/// Parts of a long run, each started warm: `length` of every `period`.
struct WindowSpec {
  Seconds period{3600.0};
  Seconds length{360.0};
  Seconds warm_up{60.0};  ///< of each window, not counted
};
const Spec<WindowSpec>& spec_of(const WindowSpec*);

/// How a fleet is run, besides its pools.
struct FleetPolicy {
  ArrivalRouting arrival_routing = ArrivalRouting::least_loaded;
  std::optional<WindowSpec> windows;
  Seconds warm_up{};        ///< at the start, not counted
  bool warm_start = false;  ///< begins with the running requests of a steady state
  std::vector<NodeFailure> failures;
  Seconds sample_every{10.0};  ///< of curves over time
};

}  // namespace moesim
