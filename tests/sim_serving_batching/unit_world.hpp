#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "sim/serving/batching/serving_unit.hpp"
#include "tests/costs_of.hpp"

namespace moesim::test {

inline UnitSpec unit_spec(PoolRole role, int ranks, std::function<double(const StepBatch&)> seconds) {
  UnitSpec spec;
  spec.role = role;
  spec.layout.gpus = ranks;
  spec.kv_blocks = 1 << 20;
  spec.costs = std::make_shared<CostsOf>(std::move(seconds));
  return spec;
}

inline SequenceWork work(std::int64_t request, std::int64_t input, std::int64_t output,
                         std::int64_t generated = 0) {
  SequenceWork result;
  result.request = request;
  result.input_tokens = input;
  result.output_tokens = output;
  result.generated_tokens = generated;
  result.draw = static_cast<std::uint64_t>(request);
  return result;
}

/// Plays until nothing is left.
inline std::vector<UnitEvent> play(ServingUnit& unit) {
  std::vector<UnitEvent> events;
  while (unit.next_event() < 1e300) unit.advance(unit.next_event(), events);
  return events;
}

/// The time of a request's first event of a kind; -1 if there is none.
inline double time_of(const std::vector<UnitEvent>& events, std::int64_t request, UnitEventKind kind) {
  for (const UnitEvent& event : events) {
    if (event.request == request && event.kind == kind) return event.time_s;
  }
  return -1;
}

}  // namespace moesim::test
